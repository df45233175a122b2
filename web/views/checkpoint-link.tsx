import { checkpointFile } from '../../src/client/page/checkpoint-file.ts';
import type { MeetingState } from '../../src/client/store/state.ts';
import { useTexts } from './context.ts';

/** The newest checkpoint of the relay's record, to keep apart from relay and browser. */
export const CheckpointLink = ({ checkpoint }: Pick<MeetingState, 'checkpoint'>) => {
  const texts = useTexts().people;
  if (checkpoint === undefined) return null;
  const { name, href } = checkpointFile(checkpoint);
  return (
    <section class="checkpoint">
      <a href={href} download={name} title={texts.checkpointHelp}>
        {texts.saveCheckpoint}
      </a>
    </section>
  );
};
