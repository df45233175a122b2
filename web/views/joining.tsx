import type { Page } from '../../src/client/page/page.ts';
import { useTexts } from './context.ts';
import { Card } from './fault.tsx';

interface JoiningProps {
  readonly page: Page;
  readonly isSlow: boolean;
  readonly isWaiting: boolean;
}

export const JoiningView = ({ page, isSlow, isWaiting }: JoiningProps) => {
  const { title, text, slow, cancel } = useTexts().joining;
  if (isWaiting) return <WaitingView label={cancel} onLeave={() => page.cancelJoin()} />;
  return (
    <Card title={title} text={isSlow ? slow : text}>
      <div class="progress" role="progressbar" aria-label={title} />
      <button type="button" onClick={() => page.cancelJoin()}>
        {cancel}
      </button>
    </Card>
  );
};

/** Before the door: of the meeting there is nothing to see until the chair lets this person in. */
export const WaitingView = ({ label, onLeave }: { readonly label: string; readonly onLeave: () => void }) => {
  const { waitingTitle, waiting } = useTexts().joining;
  return (
    <Card title={waitingTitle} text={waiting}>
      <div class="progress" role="progressbar" aria-label={waitingTitle} />
      <button type="button" onClick={onLeave}>
        {label}
      </button>
    </Card>
  );
};
