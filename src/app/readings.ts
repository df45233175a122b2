import type { ReadMetric } from '../metrics/catalogue.ts';
import type { Reading } from '../metrics/registry.ts';
import type { Engine, EngineEvent, WorkerStats } from '../sfu/engine/port.ts';
import type { Rooms } from '../sfu/room/rooms.ts';
import type { Signaling } from '../signaling/signaling.ts';

interface Parts {
  readonly engine: Engine;
  readonly rooms: Rooms;
  readonly signaling: Signaling;
}

/** Reads every part's own totals into the metrics of the catalogue, at each exposition. */
export const createReadings = ({ engine, rooms, signaling }: Parts): (() => Iterable<Reading>) => {
  const deaths = countDeaths(engine);
  return function* readings() {
    for (const worker of engine.stats()) yield* workerReadings(worker);
    yield* deaths();
    yield* roomReadings(rooms);
    yield* signalingReadings(signaling);
    yield* processReadings();
  };
};

/** What keeps the relay from serving, by name. */
export const notReadyReasons = (workers: readonly WorkerStats[], isRecordWritable: boolean): string[] => [
  ...workers.filter(({ alive }) => !alive).map(({ worker }) => `media worker ${worker} does not answer`),
  ...(isRecordWritable ? [] : ['the record cannot be written: nobody new enters']),
];

const countDeaths = (engine: Engine): (() => Iterable<Reading>) => {
  const deaths = new Map<string, { worker: string; why: string; count: number }>();
  engine.onEvent((event: EngineEvent) => {
    if (event.kind !== 'worker-died') return;
    const { worker, why } = event;
    const count = (deaths.get(`${worker} ${why}`)?.count ?? 0) + 1;
    deaths.set(`${worker} ${why}`, { worker, why, count });
  });
  return function* readings() {
    for (const { worker, why, count } of deaths.values())
      yield { name: 'belfry_worker_deaths_total', labels: { worker, why }, value: count };
  };
};

function* workerReadings(stats: WorkerStats): Iterable<Reading> {
  const labels = { worker: stats.worker };
  yield { name: 'belfry_worker_up', labels, value: stats.alive ? 1 : 0 };
  yield { name: 'belfry_worker_cpu_seconds_total', labels, value: stats.cpuSeconds };
  yield { name: 'belfry_worker_received_packets_total', labels, value: stats.packetsIn };
  yield { name: 'belfry_worker_sent_packets_total', labels, value: stats.packetsOut };
  yield { name: 'belfry_worker_received_bytes_total', labels, value: stats.bitsIn / 8 };
  yield { name: 'belfry_worker_sent_bytes_total', labels, value: stats.bitsOut / 8 };
  yield { name: 'belfry_worker_socket_drops_total', labels, value: stats.socketDrops };
  yield { name: 'belfry_worker_routers', labels, value: stats.routers };
  yield { name: 'belfry_worker_transports', labels, value: stats.transports };
  yield { name: 'belfry_worker_producers', labels, value: stats.producers };
  yield { name: 'belfry_worker_consumers', labels, value: stats.consumers };
}

function* roomReadings(rooms: Rooms): Iterable<Reading> {
  const stats = rooms.stats();
  yield { name: 'belfry_rooms', value: stats.rooms };
  yield { name: 'belfry_participants', value: stats.participants };
  const seen = {
    sealed: stats.witness.framesSeen - stats.witness.framesInClear - stats.witness.wrongSender,
    clear: stats.witness.framesInClear,
    'wrong-sender': stats.witness.wrongSender,
  };
  for (const [what, value] of Object.entries(seen))
    yield { name: 'belfry_witness_frames_total', labels: { seen: what }, value };
}

function* signalingReadings(signaling: Signaling): Iterable<Reading> {
  const stats = signaling.stats();
  yield { name: 'belfry_signaling_sockets', value: stats.sockets };
  yield { name: 'belfry_signaling_sessions', value: stats.sessions };
  yield { name: 'belfry_signaling_joins_total', value: stats.joins };
  yield { name: 'belfry_signaling_resumes_total', value: stats.resumes };
  yield { name: 'belfry_signaling_slow_readers_total', value: stats.slowReaders };
  yield* byCode('belfry_signaling_refusals_total', stats.refusals);
  yield* byCode('belfry_signaling_malformed_messages_total', stats.malformed);
  yield* byCode('belfry_signaling_closes_total', stats.closes);
  yield* byCode('belfry_signaling_turned_away_total', stats.turnedAway);
}

function* byCode(name: ReadMetric, counts: Readonly<Record<string, number>>): Iterable<Reading> {
  for (const [code, value] of Object.entries(counts)) yield { name, labels: { code }, value };
}

function* processReadings(): Iterable<Reading> {
  const { user, system } = process.cpuUsage();
  yield { name: 'belfry_process_cpu_seconds_total', value: (user + system) / 1e6 };
  yield { name: 'belfry_process_resident_memory_bytes', value: process.memoryUsage.rss() };
}
