import type { Clock, RandomBytes } from '../../../base/clock.ts';
import type { IceCandidate, IceParameters } from '../../../base/rtp.ts';

export interface Platform {
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  /** In place of werift's agent, where it is given. */
  readonly tryUdp?: TryUdp | undefined;
}

export type TryUdp = (
  candidates: readonly IceCandidate[],
  remote: IceParameters,
  events: PathEvents,
) => Attempt;

/** One way on which datagrams reach the relay and come back: an ICE candidate pair that answered. */
export interface Path {
  readonly protocol: 'udp' | 'tcp' | 'turn';
  /** Tells the relay that this is the one. Nothing but checks is sent before. */
  use(): void;
  /** One datagram; lost without a word where the network or a bound of ours says so. */
  send(datagram: Buffer): void;
  /** Nothing is told after this. */
  close(): void;
}

/** `disconnected` may mend itself, `failed` does not. */
export type PathState = 'connected' | 'disconnected' | 'failed';

export interface PathEvents {
  /** DTLS, SRTP or SRTCP; checks are answered inside. */
  onDatagram(datagram: Buffer): void;
  /** Of a path that was found; the last one told holds. */
  onState(state: PathState): void;
}

/** A search that is under way. `cancel` frees everything, a path that was found included; `found` may then never settle. */
export interface Attempt {
  readonly found: Promise<Path>;
  cancel(): void;
}
