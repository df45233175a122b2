import type { Page } from '../../src/client/page/page.ts';
import type { PageState } from '../../src/client/page/state.ts';
import { useTexts } from './context.ts';
import { Card } from './fault.tsx';
import { NewDevices } from './new-devices.tsx';

interface JoiningProps {
  readonly page: Page;
  readonly state: PageState;
  readonly isSlow: boolean;
  readonly isWaiting: boolean;
}

export const JoiningView = ({ page, state, isSlow, isWaiting }: JoiningProps) => {
  const { title, text, slow, cancel } = useTexts().joining;
  if (isWaiting)
    return <WaitingView page={page} state={state} label={cancel} onLeave={() => page.cancelJoin()} />;
  return (
    <Card title={title} text={isSlow ? slow : text}>
      <div class="progress" role="progressbar" aria-label={title} />
      <button type="button" onClick={() => page.cancelJoin()}>
        {cancel}
      </button>
    </Card>
  );
};

interface WaitingProps {
  readonly page: Page;
  readonly state: PageState;
  readonly label: string;
  readonly onLeave: () => void;
}

/** Before the door: of the meeting there is nothing to see until the chair lets this person in. */
export const WaitingView = ({ page, state, label, onLeave }: WaitingProps) => {
  const { waitingTitle, waiting } = useTexts().joining;
  return (
    <Card title={waitingTitle} text={waiting}>
      <div class="progress" role="progressbar" aria-label={waitingTitle} />
      <NewDevices page={page} state={state} />
      <button type="button" onClick={onLeave}>
        {label}
      </button>
    </Card>
  );
};
