import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import { BelfryError } from '../../base/errors.ts';
import type { MeetingId } from '../../base/ids.ts';
import type { Witness } from './report.ts';

/** The parent has the figures at hand, or none: either is said at once. */
const ANSWER_WITHIN_MS = 3_000;

const count = z.int().min(0);
const answer = z.union([
  z.object({ kind: z.literal('witness'), framesSeen: count, framesInClear: count }),
  z.strictObject({ kind: z.literal('witness') }),
]);

/** The part of a process with a parent that is needed here: what `fork` gives, and nothing else starts with. */
export interface ParentChannel {
  readonly send?: ((message: object) => void) | undefined;
  on(event: 'message', listener: (message: unknown) => void): void;
  off(event: 'message', listener: (message: unknown) => void): void;
}

/**
 * Asks whoever started this process and runs the relay. `undefined` where there is nobody to ask, or the parent answers
 * without figures; throws `selfcheck.no-witness` where it does not answer: silence is no proof.
 */
export const askWitness = (parent: ParentChannel, clock: Clock, meeting: MeetingId): Promise<Witness> =>
  new Promise((resolve, reject) => {
    if (parent.send === undefined) {
      resolve(undefined);
      return;
    }
    const stop = () => {
      cancel();
      parent.off('message', onMessage);
    };
    const onMessage = (message: unknown) => {
      const parsed = answer.safeParse(message);
      if (!parsed.success) return;
      stop();
      resolve(figuresOf(parsed.data));
    };
    const cancel = clock.after(ANSWER_WITHIN_MS, () => {
      stop();
      reject(new BelfryError('selfcheck.no-witness', 'the relay’s witness was asked and did not answer'));
    });
    parent.on('message', onMessage);
    parent.send({ kind: 'witness?', meeting });
  });

const figuresOf = (given: z.infer<typeof answer>): Witness =>
  'framesSeen' in given ? { framesSeen: given.framesSeen, framesInClear: given.framesInClear } : undefined;
