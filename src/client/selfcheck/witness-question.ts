import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import type { Witness } from './report.ts';

/** The parent has the figures at hand; one that does not answer does not know the question. */
const ANSWER_WITHIN_MS = 3_000;

const answer = z.object({
  kind: z.literal('witness'),
  framesSeen: z.int().min(0),
  framesInClear: z.int().min(0),
});

/** The part of a process with a parent that is needed here: what `fork` gives, and nothing else starts with. */
export interface ParentChannel {
  readonly send?: ((message: object) => void) | undefined;
  on(event: 'message', listener: (message: unknown) => void): void;
  off(event: 'message', listener: (message: unknown) => void): void;
}

/** Asks whoever started this process and runs the relay; `undefined` where nobody can say. */
export const askWitness = (parent: ParentChannel, clock: Clock): Promise<Witness> =>
  new Promise((resolve) => {
    if (parent.send === undefined) {
      resolve(undefined);
      return;
    }
    const finish = (witness: Witness) => {
      cancel();
      parent.off('message', onMessage);
      resolve(witness);
    };
    const onMessage = (message: unknown) => {
      const parsed = answer.safeParse(message);
      if (!parsed.success) return;
      const { framesSeen, framesInClear } = parsed.data;
      finish({ framesSeen, framesInClear });
    };
    const cancel = clock.after(ANSWER_WITHIN_MS, () => finish(undefined));
    parent.on('message', onMessage);
    parent.send({ kind: 'witness?' });
  });
