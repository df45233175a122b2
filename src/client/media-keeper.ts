import type { Clock, RandomBytes } from '../base/clock.ts';
import type { Direction } from '../base/media.ts';
import type { Refusal, Result } from '../base/result.ts';
import { backoffMs } from './connection/backoff.ts';
import { Operations } from './operations.ts';

/** Media that was up for this long starts the count anew: shorter, and a relay that fails at once is asked for ever. */
const STABLE_AFTER_MS = 30_000;
/** Attempts in a row to get media up before a person should hear that it does not work. */
const MAX_ATTEMPTS = 5;

const TRANSPORT_FAILED: Refusal = {
  code: 'media.transport-failed',
  message: 'the path to the relay failed',
};

export interface MediaKeeperOptions {
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  /** Drops all media, at once. */
  readonly reset: () => void;
  /** Makes all media anew; joins first where there is no join. */
  readonly build: () => Promise<void>;
  readonly restartIce: (direction: Direction) => Promise<void>;
  readonly onUp: () => void;
  /** Something went wrong that is being mended. */
  readonly onProblem: (problem: Refusal) => void;
  readonly onGivenUp: (why: Refusal) => void;
}

/**
 * Keeps the media up: builds it, restarts ICE once where a transport failed, builds anew where that was in vain, with
 * longer and longer waits. Everything that touches the media stack passes through its queue.
 */
export class MediaKeeper {
  readonly operations = new Operations();
  readonly #options: MediaKeeperOptions;
  /** Directions whose ICE was restarted and has not connected since. */
  readonly #restarted = new Set<Direction>();
  /** Which build is the newest: what an older one comes to is nobody's business any more. */
  #epoch = 0;
  #attempts = 0;
  #isBusy = false;
  #wasUp = false;
  #upAtMs: number | undefined;
  #cancelRetry: () => void = () => {};

  constructor(options: MediaKeeperOptions) {
    this.#options = options;
  }

  /** Makes everything anew. A later call overtakes an earlier one. */
  async rebuild(): Promise<void> {
    this.#cancelRetry();
    this.#noteDown();
    const epoch = ++this.#epoch;
    this.#isBusy = true;
    this.#restarted.clear();
    this.#options.reset();
    const outcome = await this.operations.startEpoch(() => {
      // Again: an operation that was under way may have made something meanwhile.
      this.#options.reset();
      return this.#options.build();
    });
    if (epoch === this.#epoch) this.#onBuilt(outcome);
  }

  onConnected(direction: Direction): void {
    this.#restarted.delete(direction);
  }

  /** One ICE restart costs nothing that flows; where that was in vain, or is refused, all media is made anew. */
  onFailed(direction: Direction): void {
    if (this.#isBusy) return;
    if (this.#restarted.has(direction)) this.#retry(TRANSPORT_FAILED);
    else void this.#restartIce(direction);
  }

  /** Nothing is built from now on. */
  close(): void {
    this.#epoch += 1;
    this.#isBusy = true;
    this.#cancelRetry();
    this.#options.reset();
  }

  async #restartIce(direction: Direction): Promise<void> {
    this.#restarted.add(direction);
    const epoch = this.#epoch;
    const outcome = await this.operations.run(() => this.#options.restartIce(direction));
    if (!outcome.ok && epoch === this.#epoch) this.#retry(outcome.refusal);
  }

  /** The first build fails at once, for a person to see; later a refusal that may pass is waited out. */
  #onBuilt(outcome: Result<void>): void {
    this.#isBusy = false;
    if (!outcome.ok) {
      if (this.#wasUp && mayPass(outcome.refusal)) this.#retry(outcome.refusal);
      else this.#options.onGivenUp(outcome.refusal);
      return;
    }
    this.#wasUp = true;
    this.#upAtMs = this.#options.clock.nowMs();
    this.#options.onUp();
  }

  #noteDown(): void {
    const upAtMs = this.#upAtMs;
    this.#upAtMs = undefined;
    if (upAtMs !== undefined && this.#options.clock.nowMs() - upAtMs >= STABLE_AFTER_MS) this.#attempts = 0;
  }

  #retry(why: Refusal): void {
    this.#noteDown();
    this.#attempts += 1;
    if (this.#attempts > MAX_ATTEMPTS) {
      this.#options.onGivenUp(why);
      return;
    }
    this.#isBusy = true;
    this.#options.onProblem(why);
    const { clock, randomBytes } = this.#options;
    const delayMs = backoffMs(this.#attempts, (randomBytes(1)[0] ?? 0) / 256);
    this.#cancelRetry();
    this.#cancelRetry = clock.after(delayMs, () => void this.rebuild());
  }
}

/** Refusals that time may heal: the media side's, a deadline's, a session that is being replaced. */
const mayPass = ({ code }: Refusal): boolean =>
  code === 'deadline.passed' || code === 'session.lost' || /^(media|connection)\./.test(code);
