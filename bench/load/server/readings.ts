import { parseExposition, type Sample } from './exposition.ts';

/** One media worker in one second. */
export interface WorkerSecond {
  readonly worker: string;
  readonly cpuSeconds: number;
  readonly sentPackets: number;
  readonly receivedPackets: number;
  readonly sentBytes: number;
  readonly drops: number;
}

/** The server as its own page of metrics has it, in the time since the reading before. */
export interface ServerSecond {
  readonly second: number;
  /** How long that was: readings come when they can. */
  readonly lastedSeconds: number;
  readonly relayCpuSeconds: number;
  readonly residentBytes: number;
  readonly workers: readonly WorkerSecond[];
}

const PER_WORKER = {
  cpuSeconds: 'belfry_worker_cpu_seconds_total',
  sentPackets: 'belfry_worker_sent_packets_total',
  receivedPackets: 'belfry_worker_received_packets_total',
  sentBytes: 'belfry_worker_sent_bytes_total',
  drops: 'belfry_worker_socket_drops_total',
} as const;

const totalOf = (samples: readonly Sample[], name: string, worker?: string): number =>
  samples.find((one) => one.name === name && one.labels.worker === worker)?.value ?? 0;

/** Totals that fell were started anew with their worker: what they are now was added. */
const since = (before: number, now: number): number => (now >= before ? now - before : now);

/** From two readings to what happened between them. */
export const secondOf = (
  before: readonly Sample[],
  now: readonly Sample[],
  second: number,
  lastedSeconds: number,
): ServerSecond => {
  const added = (name: string, worker?: string) =>
    since(totalOf(before, name, worker), totalOf(now, name, worker));
  const workers = now.flatMap(({ name, labels }) =>
    name === PER_WORKER.cpuSeconds ? (labels.worker ?? []) : [],
  );
  return {
    second,
    lastedSeconds,
    relayCpuSeconds: added('belfry_process_cpu_seconds_total'),
    residentBytes: totalOf(now, 'belfry_process_resident_memory_bytes'),
    workers: workers.map((worker) => ({
      worker,
      cpuSeconds: added(PER_WORKER.cpuSeconds, worker),
      sentPackets: added(PER_WORKER.sentPackets, worker),
      receivedPackets: added(PER_WORKER.receivedPackets, worker),
      sentBytes: added(PER_WORKER.sentBytes, worker),
      drops: added(PER_WORKER.drops, worker),
    })),
  };
};

/** A page that does not come within this is left out: the run goes on. */
const WITHIN_MS = 900;

/** Reads a server's metrics again and again. */
export class ServerReadings {
  readonly #url: string;
  readonly #seconds: ServerSecond[] = [];
  #before: { readonly samples: readonly Sample[]; readonly atMs: number } | undefined;
  #missed = 0;

  constructor(url: string) {
    this.#url = url;
  }

  get seconds(): readonly ServerSecond[] {
    return this.#seconds;
  }

  /** Readings that did not come. */
  get missed(): number {
    return this.#missed;
  }

  async read(second: number): Promise<void> {
    try {
      const response = await fetch(this.#url, { signal: AbortSignal.timeout(WITHIN_MS) });
      const samples = parseExposition(await response.text());
      const atMs = performance.now();
      const before = this.#before;
      this.#before = { samples, atMs };
      if (before === undefined) return;
      this.#seconds.push(secondOf(before.samples, samples, second, (atMs - before.atMs) / 1_000));
    } catch {
      this.#missed += 1;
    }
  }
}
