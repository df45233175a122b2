import type { Clock } from '../../base/clock.ts';
import { type Refusal, type Result, refuse } from '../../base/result.ts';
import type { SignedAct } from '../../trust/acts/input.ts';
import type { Session } from '../session/session.ts';
import { type Bucket, fullBucket, type Rate, take } from '../session/token-bucket.ts';

/** Of one session that wait to be judged, one after the other: more than a hand presses, and few enough to be judged in moments. */
const MAX_WAITING = 8;
/** Each is kept for good and sent to everybody. A burst of a chair's, and what a person can mean to order for hours. */
const RATE: Rate = { burst: 40, perSecond: 1 };

interface Queue {
  waiting: number;
  bucket: Bucket;
  last: Promise<void>;
}

export type ActOpening = Result<SignedAct, Refusal>;

/** Acts are opened apart, because cryptography answers later: those of one session in order, one at a time. */
export class ActQueue {
  readonly #clock: Clock;
  readonly #queues = new WeakMap<Session, Queue>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Refused where too much waits, or comes too fast. `taken` gets what `open` answers, in the order of asking. */
  add(
    session: Session,
    open: () => Promise<ActOpening>,
    taken: (opened: ActOpening) => void,
  ): Refusal | undefined {
    const queue = this.#queueOf(session);
    const bucket = take(queue.bucket, RATE, 1, this.#clock.nowMs());
    if (queue.waiting >= MAX_WAITING || bucket === undefined)
      return refuse('act.too-many', 'too many acts of this session came at once').refusal;
    queue.bucket = bucket;
    queue.waiting++;
    queue.last = queue.last.then(async () => {
      const opened = await open();
      queue.waiting--;
      taken(opened);
    });
    return undefined;
  }

  #queueOf(session: Session): Queue {
    const known = this.#queues.get(session);
    if (known !== undefined) return known;
    const bucket = fullBucket(RATE, this.#clock.nowMs());
    const queue: Queue = { waiting: 0, bucket, last: Promise.resolve() };
    this.#queues.set(session, queue);
    return queue;
  }
}
