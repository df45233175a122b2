import { type ConductFacts, deniedOf } from '../../src/client/page/conduct.ts';
import { useTexts } from './context.ts';

/** Why this person cannot be heard or seen: a shut button alone looks like a fault. */
export const DeniedLine = ({ conduct }: { readonly conduct: ConductFacts | undefined }) => {
  const { denied, observing } = useTexts().meeting;
  const kinds = conduct === undefined ? [] : deniedOf(conduct);
  if (conduct === undefined || kinds.length === 0) return null;
  return (
    <p class="denied" role="status">
      {conduct.isObserver ? observing : denied(kinds.includes('microphone'), kinds.includes('camera'))}
    </p>
  );
};
