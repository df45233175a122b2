import { asId, type WorkerId } from '../../../base/ids.ts';
import type { EngineEvent, WorkerDeath, WorkerStats } from '../port.ts';
import type { Host } from './live.ts';
import type { MediasoupEngineOptions } from './options.ts';
import { WorkerSlot } from './slot.ts';
import { dropsAt, type UdpTables } from './socket-drops.ts';
import { type MediaWorker, spawnWorker } from './spawn.ts';
import { Traffic } from './traffic.ts';
import { readUdpTables } from './udp-tables.ts';

/**
 * All that a worker carries is read through in about so many heartbeats: in less time than passes between two scrapes. One
 * reading costs about 50 us here and 10 us in the worker, which at every beat was a tenth of what a small meeting costs.
 */
const BEATS_PER_TURN = 10;
/** Few things are new at once. */
const LEAST_READINGS = 10;
/** About 5 ms of this process and 1 ms of the worker each second; very full workers take longer turns. */
const MOST_READINGS = 100;

const readingsFor = ({ transport, producer, consumer }: Host['counts']): number => {
  const share = Math.ceil((transport + producer + consumer) / BEATS_PER_TURN);
  return Math.min(MOST_READINGS, Math.max(LEAST_READINGS, share));
};

/** An empty room will have participants: it weighs as much as this many consumers when a worker is chosen. */
const ROOM_WEIGHT = 10;

interface PoolOptions
  extends Pick<MediasoupEngineOptions, 'workerBin' | 'workers' | 'listen' | 'clock' | 'logger'> {
  readonly startMs: number;
  readonly emit: (event: EngineEvent) => void;
  /** A host is gone; what was pending on it has been refused. */
  readonly onDeath: (host: Host, why: WorkerDeath) => void;
}

interface Place {
  readonly id: WorkerId;
  readonly slot: WorkerSlot<MediaWorker>;
  host: Host | undefined;
  /** Of the worker that died here last, until another one lives. */
  last: WorkerStats;
}

/** The workers. Each keeps its id, by its place, through deaths and replacements. */
export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #places: readonly Place[];
  #nextStart = Promise.withResolvers<void>();
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#places = Array.from({ length: options.workers }, (_, index) => this.#place(index));
  }

  /** Rejects where one does not start; those that did are ended. */
  async start(): Promise<void> {
    const starts = await Promise.allSettled(this.#places.map(({ slot }) => slot.start()));
    const failed = starts.find((one) => one.status === 'rejected');
    if (failed === undefined) return;
    await this.close();
    throw failed.reason;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#nextStart.resolve();
    await Promise.all(this.#places.map(({ slot }) => slot.close()));
    for (const place of this.#places) this.#retire(place);
  }

  /** The least loaded living worker; waits for a replacement while none lives. `undefined` once closed or given up. */
  async choose(isGivenUp: () => boolean): Promise<Host | undefined> {
    while (!this.#closed && !isGivenUp()) {
      const living = this.#places.flatMap(({ host }) => (host ? [host] : []));
      const [best] = living.sort((a, b) => loadOf(a) - loadOf(b));
      if (best) return best;
      await this.#nextStart.promise;
    }
    return undefined;
  }

  stats(): readonly WorkerStats[] {
    return this.#places.map(({ host, last }) => (host ? statsOf(host) : last));
  }

  #place(index: number): Place {
    const { clock, logger } = this.#options;
    const id = asId<WorkerId>(`w${index + 1}`);
    const slot = new WorkerSlot<MediaWorker>({
      clock,
      logger,
      spawn: () => spawnWorker(this.#options, index),
      onStart: (process) => this.#started(place, process),
      onDeath: (_, why) => this.#died(place, why),
      onBeat: (_, cpuMs) => this.#beat(place, cpuMs),
    });
    const place: Place = { id, slot, host: undefined, last: { ...EMPTY, worker: id } };
    return place;
  }

  #started(place: Place, process: MediaWorker): void {
    place.host = newHost(place.id, process);
    this.#options.logger.info('worker.started', { worker: place.id });
    this.#nextStart.resolve();
    this.#nextStart = Promise.withResolvers<void>();
    this.#options.emit({ kind: 'worker-started', worker: place.id });
  }

  #died(place: Place, why: WorkerDeath): void {
    const { host } = place;
    if (!host) return;
    this.#retire(place);
    this.#options.logger.error('worker.died', { worker: place.id, why, status: host.process.status() });
    this.#options.emit({ kind: 'worker-died', worker: place.id, why });
    this.#options.onDeath(host, why);
  }

  #retire(place: Place): void {
    if (place.host) place.last = { ...statsOf(place.host), ...NOTHING_LIVES };
    place.host = undefined;
  }

  #beat(place: Place, cpuMs: number): void {
    const { host } = place;
    if (!host) return;
    host.cpuMs = cpuMs;
    host.traffic.sample(readingsFor(host.counts));
    readUdpTables().then((tables) => noteDrops(host, tables));
  }
}

const NOTHING_LIVES = { alive: false, routers: 0, transports: 0, producers: 0, consumers: 0 } as const;

const EMPTY = {
  ...NOTHING_LIVES,
  cpuSeconds: 0,
  packetsIn: 0,
  packetsOut: 0,
  bitsIn: 0,
  bitsOut: 0,
  socketDrops: 0,
} as const;

function newHost(id: WorkerId, process: MediaWorker): Host {
  return {
    id,
    process,
    traffic: new Traffic(),
    rooms: new Set(),
    counts: { transport: 0, producer: 0, consumer: 0 },
    opening: 0,
    cpuMs: 0,
    socketDrops: 0,
  };
}

function loadOf({ rooms, opening, counts }: Host): number {
  return ROOM_WEIGHT * (rooms.size + opening) + counts.consumer;
}

function noteDrops(host: Host, tables: UdpTables | undefined): void {
  if (tables) host.socketDrops = dropsAt(host.process.udpSockets, tables);
}

function statsOf({ id, rooms, counts, cpuMs, traffic, socketDrops }: Host): WorkerStats {
  return {
    worker: id,
    alive: true,
    routers: rooms.size,
    transports: counts.transport,
    producers: counts.producer,
    consumers: counts.consumer,
    cpuSeconds: cpuMs / 1000,
    ...traffic.total,
    socketDrops,
  };
}
