interface MetricEntry {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels?: readonly string[];
  /** Upper bounds, in the unit that the name ends with. */
  readonly buckets?: readonly number[];
}

/**
 * Every metric of the relay. No label ever holds a name, an id of a meeting or person, or an address: workers are
 * numbered, codes come from tables.
 */
export const CATALOGUE = {
  belfry_worker_up: {
    kind: 'gauge',
    help: 'Whether the media worker answers its heartbeat.',
    labels: ['worker'],
  },
  belfry_worker_cpu_seconds_total: {
    kind: 'counter',
    help: 'CPU time of the media worker, user and system.',
    labels: ['worker'],
  },
  belfry_worker_received_packets_total: {
    kind: 'counter',
    help: 'RTP packets that participants sent to the media worker.',
    labels: ['worker'],
  },
  belfry_worker_sent_packets_total: {
    kind: 'counter',
    help: 'RTP packets that the media worker sent to participants.',
    labels: ['worker'],
  },
  belfry_worker_received_bytes_total: {
    kind: 'counter',
    help: 'Bytes that participants sent to the media worker; times 8, bits.',
    labels: ['worker'],
  },
  belfry_worker_sent_bytes_total: {
    kind: 'counter',
    help: 'Bytes that the media worker sent to participants; times 8, bits.',
    labels: ['worker'],
  },
  belfry_worker_socket_drops_total: {
    kind: 'counter',
    help: 'Datagrams that the kernel dropped because the receive buffer of the media port was full.',
    labels: ['worker'],
  },
  belfry_worker_routers: {
    kind: 'gauge',
    help: 'Rooms on the media worker.',
    labels: ['worker'],
  },
  belfry_worker_transports: {
    kind: 'gauge',
    help: 'Transports on the media worker.',
    labels: ['worker'],
  },
  belfry_worker_producers: {
    kind: 'gauge',
    help: 'Streams that participants send to the media worker.',
    labels: ['worker'],
  },
  belfry_worker_consumers: {
    kind: 'gauge',
    help: 'Streams that the media worker forwards.',
    labels: ['worker'],
  },
  belfry_worker_deaths_total: {
    kind: 'counter',
    help: 'Deaths of the media worker: crashed, or silent for two heartbeats.',
    labels: ['worker', 'why'],
  },
  belfry_rooms: { kind: 'gauge', help: 'Rooms that are open.' },
  belfry_participants: { kind: 'gauge', help: 'Participants in all rooms.' },
  belfry_witness_frames_total: {
    kind: 'counter',
    help: 'Frames that the keyless witness looked at, by what it saw.',
    labels: ['seen'],
  },
  belfry_signaling_sockets: { kind: 'gauge', help: 'Open signaling sockets.' },
  belfry_signaling_sessions: {
    kind: 'gauge',
    help: 'Signaling sessions, lost connections in grace included.',
  },
  belfry_signaling_joins_total: { kind: 'counter', help: 'Joins that were admitted.' },
  belfry_signaling_resumes_total: {
    kind: 'counter',
    help: 'Lost connections that came back to their session.',
  },
  belfry_signaling_refusals_total: {
    kind: 'counter',
    help: 'Requests that were refused, by code.',
    labels: ['code'],
  },
  belfry_signaling_malformed_messages_total: {
    kind: 'counter',
    help: 'Messages that broke a limit or the protocol, by code.',
    labels: ['code'],
  },
  belfry_signaling_closes_total: {
    kind: 'counter',
    help: 'Connections that the relay closed, by code.',
    labels: ['code'],
  },
  belfry_signaling_turned_away_total: {
    kind: 'counter',
    help: 'HTTP requests that did not become a socket, by code.',
    labels: ['code'],
  },
  belfry_signaling_slow_readers_total: {
    kind: 'counter',
    help: 'Connections that were cut because the client stopped reading.',
  },
  belfry_event_loop_delay_seconds: {
    kind: 'histogram',
    help: 'How late a timer of the relay process runs.',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1],
  },
  belfry_process_cpu_seconds_total: {
    kind: 'counter',
    help: 'CPU time of the relay process itself, without its media workers.',
  },
  belfry_process_resident_memory_bytes: {
    kind: 'gauge',
    help: 'Resident memory of the relay process itself.',
  },
} as const satisfies Record<string, MetricEntry>;

export type MetricName = keyof typeof CATALOGUE;
type NameOfKind<Kind> = {
  [Name in MetricName]: (typeof CATALOGUE)[Name]['kind'] extends Kind ? Name : never;
}[MetricName];
/** Metrics that are read when asked for: a part keeps its own totals. */
export type ReadMetric = NameOfKind<'counter' | 'gauge'>;
/** Metrics that are told value by value. */
export type ObservedMetric = NameOfKind<'histogram'>;

export const entryOf = (name: MetricName): MetricEntry => CATALOGUE[name];
