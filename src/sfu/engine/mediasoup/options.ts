import type { Clock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';

/** One IP address on which every worker listens, by UDP and by TCP. */
export interface ListenAddress {
  /** An IPv4 or IPv6 address of this machine. */
  readonly address: string;
  /** The IP address that participants are told instead; needed where `address` is a wildcard or behind a NAT. */
  readonly announcedAddress?: string | undefined;
  /**
   * Worker i (from 0) takes this port + i. Absent or 0: each worker takes a free one, drawn at random from 10,000 to
   * 59,999 (mediasoup never asks the kernel for port 0; it tries ports of that range until one binds).
   */
  readonly udpPort?: number | undefined;
  readonly tcpPort?: number | undefined;
}

/** Time limits in milliseconds. */
export interface Deadlines {
  /** From a worker's launch until it listens. Longer hides a hung binary, shorter fails on a loaded machine. */
  readonly startMs: number;
  /** From a verb's arrival, waiting for its room's earlier verbs included, until it is refused as unavailable. */
  readonly verbMs: number;
}

/**
 * Workers start in about 50 ms and answer verbs in about 1 ms: both limits are for trouble only, which an operator hears
 * of within 3 s. A silent worker is
 * declared dead before a verb's limit, so that its rooms move on at once instead of verb by verb.
 */
export const DEFAULT_DEADLINES: Deadlines = { startMs: 2_800, verbMs: 3_000 };

/**
 * AF41, which RFC 8837 gives interactive video; sound and picture share a socket, so both get it. EF would let a room's
 * pictures starve telephones; unmarked packets wait behind every download.
 */
export const DEFAULT_DSCP = 34;

export interface MediasoupEngineOptions {
  /** The worker's binary; mediasoup's own search for one is never used. */
  readonly workerBin: string;
  /** One per core that media may use: a worker is one thread. */
  readonly workers: number;
  readonly listen: readonly ListenAddress[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly deadlines?: Partial<Deadlines> | undefined;
  /** DSCP of every media packet that the workers send, 0 (unmarked) to 63. Absent: `DEFAULT_DSCP`. */
  readonly dscp?: number | undefined;
}
