import type { Clock } from '../../../base/clock.ts';
import type { RoomId } from '../../../base/ids.ts';
import { type Result, refuse } from '../../../base/result.ts';
import type { EngineReply } from '../port.ts';

export type Outcome = Result<EngineReply>;

/** One try at a verb. Once it is late, its caller has been refused: what it still makes must be undone. */
export interface Attempt {
  readonly late: boolean;
}

type Work = (attempt: Attempt) => Promise<Outcome>;

/**
 * Verbs of one room that may wait for their turn. A join of a large meeting asks for a few hundred at once, a verb takes
 * about a millisecond; more than this could not be done within a verb's limit anyway.
 */
export const MAX_WAITING_VERBS_PER_ROOM = 4_096;

interface Job {
  readonly work: Work;
  readonly attempt: { late: boolean };
  readonly dueMs: number;
  readonly settle: (outcome: Outcome) => void;
  settled: boolean;
}

interface Lane {
  running: Job | undefined;
  readonly waiting: Job[];
}

const unavailable = (message: string): Outcome => refuse('media.unavailable', message);

/**
 * Runs the verbs of one room one after the other, those of different rooms beside each other. Each settles within the
 * limit, counted from its arrival; the next one then starts, since the worker itself works in order.
 */
export class VerbQueues {
  readonly #lanes = new Map<RoomId, Lane>();
  readonly #clock: Clock;
  readonly #limitMs: number;

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  /** @param work must not reject */
  run(room: RoomId, work: Work): Promise<Outcome> {
    const lane = this.#lanes.get(room) ?? { running: undefined, waiting: [] };
    if (lane.waiting.length >= MAX_WAITING_VERBS_PER_ROOM)
      return Promise.resolve(unavailable('too many requests of this room are waiting'));
    this.#lanes.set(room, lane);
    return new Promise((resolve) => {
      lane.waiting.push(this.#job(room, work, resolve));
      this.#advance(room, lane);
    });
  }

  /** Refuses all that a room has given and not been answered. */
  flush(room: RoomId, why: string): void {
    const lane = this.#lanes.get(room);
    if (!lane) return;
    const jobs = [...(lane.running ? [lane.running] : []), ...lane.waiting.splice(0)];
    for (const job of jobs) fail(job, why);
  }

  flushAll(why: string): void {
    for (const room of [...this.#lanes.keys()]) this.flush(room, why);
  }

  #job(room: RoomId, work: Work, resolve: (outcome: Outcome) => void): Job {
    const settle = (outcome: Outcome) => {
      if (job.settled) return;
      job.settled = true;
      cancel();
      resolve(outcome);
      this.#finish(room, job);
    };
    const limitMs = this.#limitMs;
    const dueMs = this.#clock.nowMs() + limitMs;
    const job: Job = { work, attempt: { late: false }, dueMs, settle, settled: false };
    const cancel = this.#clock.after(limitMs, () => fail(job, 'the media engine did not answer in time'));
    return job;
  }

  #finish(room: RoomId, job: Job): void {
    const lane = this.#lanes.get(room);
    if (lane?.running !== job) return;
    lane.running = undefined;
    this.#advance(room, lane);
  }

  #advance(room: RoomId, lane: Lane): void {
    if (lane.running) return;
    const nowMs = this.#clock.nowMs();
    // Those given together with the one that was just refused are due as well, and not worth beginning.
    let job = lane.waiting.shift();
    while (job && (job.settled || job.dueMs <= nowMs)) job = lane.waiting.shift();
    lane.running = job;
    if (job) job.work(job.attempt).then(job.settle);
    else this.#lanes.delete(room);
  }
}

function fail(job: Job, why: string): void {
  job.attempt.late = true;
  job.settle(unavailable(why));
}
