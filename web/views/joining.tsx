import type { Page } from '../../src/client/page/page.ts';
import { useTexts } from './context.ts';
import { Card } from './fault.tsx';

export const JoiningView = ({ page, isSlow }: { readonly page: Page; readonly isSlow: boolean }) => {
  const { title, text, slow, cancel } = useTexts().joining;
  return (
    <Card title={title} text={isSlow ? slow : text}>
      <div class="progress" role="progressbar" aria-label={title} />
      <button type="button" onClick={() => page.cancelJoin()}>
        {cancel}
      </button>
    </Card>
  );
};
