import { hasRefusals, lockFacts } from '../../src/client/page/lock.ts';
import type { MeetingState } from '../../src/client/store/state.ts';
import { useTexts } from './context.ts';
import { Icon } from './icons.tsx';

/** What this device itself verified, and what it refused. */
export const LockLine = ({ meeting }: { readonly meeting: MeetingState }) => {
  const { sealed, refusedFrames, refusedPeople, refusedStreams, lockHelp, lockHelpCertified } =
    useTexts().meeting;
  const facts = lockFacts(meeting);
  return (
    <p
      class={hasRefusals(facts) ? 'lock warned' : 'lock'}
      title={meeting.charter === undefined ? lockHelp : lockHelpCertified}
    >
      <Icon name={hasRefusals(facts) ? 'warning' : 'lock'} />
      <span>{sealed(facts.verified)}</span>
      {facts.refusedFrames > 0 && <span>{refusedFrames(facts.refusedFrames)}</span>}
      {facts.refusedPeople > 0 && <span>{refusedPeople(facts.refusedPeople)}</span>}
      {facts.refusedStreams > 0 && <span>{refusedStreams(facts.refusedStreams)}</span>}
    </p>
  );
};
