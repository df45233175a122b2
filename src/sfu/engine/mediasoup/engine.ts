import { Emitter } from '../../../base/emitter.ts';
import { BelfryError, messageOf } from '../../../base/errors.ts';
import { refuse } from '../../../base/result.ts';
import type { Engine, EngineEvent, EngineVerb, WorkerStats } from '../port.ts';
import { inspectWorkerBinary } from './binary.ts';
import { socketBufferLimits } from './buffers.ts';
import { refusalOf } from './failure.ts';
import { checkListenAddresses } from './listen.ts';
import type { Host } from './live.ts';
import { DEFAULT_DEADLINES, type MediasoupEngineOptions } from './options.ts';
import { WorkerPool } from './pool.ts';
import { Registry } from './registry.ts';
import { Routing } from './routing.ts';
import { type Attempt, type Outcome, VerbQueues } from './verb-queue.ts';
import { unknown } from './verbs/context.ts';
import { runVerb } from './verbs/table.ts';

export { socketBufferLimits } from './buffers.ts';

/**
 * Starts the workers and answers when all of them listen. Rejects with a BelfryError: `worker.missing`,
 * `worker.version`, `worker.start`, `listen.address`, `listen.missing`; nothing runs then.
 */
export async function createMediasoupEngine(options: MediasoupEngineOptions): Promise<Engine> {
  const inspected = await inspectWorkerBinary(options.workerBin);
  if (!inspected.ok) throw BelfryError.from(inspected.refusal);
  await checkListenAddresses(options.listen);
  warnOfSmallBuffers(options);
  const engine = new MediasoupEngine(options);
  await engine.start();
  return engine;
}

function warnOfSmallBuffers({ logger }: MediasoupEngineOptions): void {
  for (const { name, wantedBytes, allowedBytes } of socketBufferLimits())
    if (allowedBytes < wantedBytes) logger.warn('media.small-buffers', { name, wantedBytes, allowedBytes });
}

class MediasoupEngine implements Engine {
  readonly #events: Emitter<EngineEvent>;
  readonly #registry = new Registry();
  readonly #routing = new Routing(this.#registry);
  readonly #queues: VerbQueues;
  readonly #pool: WorkerPool;
  #closed = false;

  constructor(options: MediasoupEngineOptions) {
    const { startMs, verbMs } = { ...DEFAULT_DEADLINES, ...options.deadlines };
    this.#events = new Emitter((error) => {
      options.logger.error('engine.listener-failed', { why: messageOf(error) });
    });
    this.#queues = new VerbQueues(options.clock, verbMs);
    const emit = (event: EngineEvent) => this.#events.emit(event);
    this.#pool = new WorkerPool({ ...options, startMs, emit, onDeath: (host) => this.#buryRooms(host) });
  }

  start(): Promise<void> {
    return this.#pool.start();
  }

  async run(verb: EngineVerb): Promise<Outcome> {
    if (this.#closed) return refuse('media.unavailable', 'the media engine is closed');
    const room = this.#routing.roomOf(verb);
    if (room === undefined) return unknown('thing');
    const release = this.#routing.claim(verb, room);
    const outcome = await this.#queues.run(room, (attempt) => this.#try(verb, attempt));
    release();
    return outcome;
  }

  onEvent(listener: (event: EngineEvent) => void): () => void {
    return this.#events.on(listener);
  }

  stats(): readonly WorkerStats[] {
    return this.#pool.stats();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#queues.flushAll('the media engine is closing');
    await this.#pool.close();
  }

  async #try(verb: EngineVerb, attempt: Attempt): Promise<Outcome> {
    const context = {
      registry: this.#registry,
      pool: this.#pool,
      emit: (event: EngineEvent) => this.#emit(event),
    };
    try {
      return await runVerb(context, verb, attempt);
    } catch (error) {
      return refusalOf(error);
    }
  }

  #emit(event: EngineEvent): void {
    if (!this.#closed) this.#events.emit(event);
  }

  #buryRooms(host: Host): void {
    for (const room of [...host.rooms]) {
      this.#registry.removeRoom(room);
      this.#queues.flush(room.id, 'the room’s media worker died');
      this.#events.emit({ kind: 'router-lost', room: room.id, worker: host.id });
    }
  }
}
