import type { FaultCode } from '../../src/client/page/fault-codes.ts';
import type { Page } from '../../src/client/page/page.ts';
import { useTexts } from './context.ts';
import { FaultNote } from './fault.tsx';
import { Icon } from './icons.tsx';

interface NoticesProps {
  readonly page: Page;
  readonly notices: readonly FaultCode[];
}

export const Notices = ({ page, notices }: NoticesProps) => {
  const { label, close } = useTexts().notices;
  return (
    <section class="notices" aria-label={label} aria-live="assertive">
      {notices.map((code) => (
        <FaultNote key={code} code={code}>
          <button type="button" class="quiet" aria-label={close} onClick={() => page.dismiss(code)}>
            <Icon name="close" />
          </button>
        </FaultNote>
      ))}
    </section>
  );
};
