import type { Clock } from '../../base/clock.ts';
import type { MeetingId } from '../../base/ids.ts';
import type { PersonId } from '../../trust/devices/ids.ts';
import { type Bucket, fullBucket, type Rate, take } from '../session/token-bucket.ts';

/** Of one person to one meeting: a bad line's worth, and not a chain full of comings and goings within a working day. */
const RATE: Rate = { burst: 30, perSecond: 0.2 };

/** How often people come: each coming, and the going after it, is an entry that is kept. Bounded by who is entitled. */
export class Comings {
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #buckets = new Map<MeetingId, Map<PersonId, Bucket>>();

  constructor(clock: Pick<Clock, 'nowMs'>) {
    this.#clock = clock;
  }

  /** Whether once more is fine. */
  allows(meeting: MeetingId, person: PersonId): boolean {
    const nowMs = this.#clock.nowMs();
    const buckets = this.#buckets.get(meeting) ?? new Map<PersonId, Bucket>();
    const left = take(buckets.get(person) ?? fullBucket(RATE, nowMs), RATE, 1, nowMs);
    if (left === undefined) return false;
    this.#buckets.set(meeting, buckets.set(person, left));
    return true;
  }

  forget(meeting: MeetingId): void {
    this.#buckets.delete(meeting);
  }
}
