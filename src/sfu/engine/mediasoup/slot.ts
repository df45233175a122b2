import type { Clock } from '../../../base/clock.ts';
import { messageOf } from '../../../base/errors.ts';
import type { Logger } from '../../../base/logger.ts';
import type { WorkerDeath } from '../port.ts';
import { DEATH_MEMORY_MS, respawnDelayMs } from './backoff.ts';
import { startHeartbeat } from './heartbeat.ts';
import type { WorkerProcess } from './process.ts';

/** How long a worker may take to end when asked; then it is killed. Twice this is the engine's limit for closing. */
const END_LIMIT_MS = 1_000;

interface SlotOptions<W extends WorkerProcess> {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly spawn: () => Promise<W>;
  readonly onStart: (worker: W) => void;
  /** The worker is gone or as good as gone: whatever was pending on it has been refused. */
  readonly onDeath: (worker: W, why: WorkerDeath) => void;
  readonly onBeat: (worker: W, cpuMs: number) => void;
}

/** One place of the pool: keeps one worker alive in it, and replaces it when it dies. */
export class WorkerSlot<W extends WorkerProcess> {
  readonly #options: SlotOptions<W>;
  #worker: W | undefined;
  #stopHeartbeat = () => {};
  #cancelRespawn = () => {};
  #deathsAtMs: number[] = [];
  #closed = false;

  constructor(options: SlotOptions<W>) {
    this.#options = options;
  }

  /** Rejects where the worker does not start: nothing is retried then. */
  async start(): Promise<void> {
    const worker = await this.#options.spawn();
    if (this.#closed) return endOf(worker, this.#options.clock);
    this.#worker = worker;
    worker.onDeath(() => this.#bury(worker, 'crashed'));
    this.#stopHeartbeat = startHeartbeat({
      clock: this.#options.clock,
      ask: () => worker.beat(),
      onAnswer: (cpuMs) => this.#options.onBeat(worker, cpuMs),
      onSilent: () => this.#bury(worker, 'silent'),
    });
    this.#options.onStart(worker);
  }

  /** Ends the worker, asking first; settles when it is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopHeartbeat();
    this.#cancelRespawn();
    const worker = this.#worker;
    this.#worker = undefined;
    if (worker) await endOf(worker, this.#options.clock);
  }

  #bury(worker: W, why: WorkerDeath): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#stopHeartbeat();
    worker.kill();
    this.#options.onDeath(worker, why);
    // Its ports are free only once it is gone.
    worker.gone.then(() => this.#respawn());
  }

  #respawn(): void {
    if (this.#closed) return;
    const { clock } = this.#options;
    const nowMs = clock.nowMs();
    this.#deathsAtMs = [...this.#deathsAtMs.filter((atMs) => nowMs - atMs < DEATH_MEMORY_MS), nowMs];
    const delayMs = respawnDelayMs(this.#deathsAtMs.length);
    this.#cancelRespawn = clock.after(delayMs, () => {
      this.start().catch((error: unknown) => this.#startFailed(error));
    });
  }

  #startFailed(error: unknown): void {
    this.#options.logger.error('worker.not-restarted', { why: messageOf(error) });
    this.#respawn();
  }
}

async function endOf(worker: WorkerProcess, clock: Clock): Promise<void> {
  const cancel = clock.after(END_LIMIT_MS, () => worker.kill());
  worker.end();
  await worker.gone;
  cancel();
}
