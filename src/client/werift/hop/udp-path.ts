import type { RTCIceConnectionState, RTCIceTransport } from 'werift';
import { BelfryError } from '../../../base/errors.ts';
import type { IceCandidate, IceParameters } from '../../../base/rtp.ts';
import { createIce, setRemote } from './ice.ts';
import type { Attempt, Path, PathEvents, PathState, TryUdp } from './path.ts';

/** A path over UDP, by werift's ICE agent. Where nothing answers it goes on waiting: whoever waits has the deadline. */
export const tryUdp: TryUdp = (candidates, remote, events): Attempt => {
  const path = new UdpPath(createIce(candidates), events);
  return { found: path.find(candidates, remote), cancel: () => path.close() };
};

const PATH_STATES: { readonly [State in RTCIceConnectionState]?: PathState } = {
  connected: 'connected',
  completed: 'connected',
  disconnected: 'disconnected',
  failed: 'failed',
};

class UdpPath implements Path {
  readonly protocol = 'udp';
  readonly #ice: RTCIceTransport;
  readonly #events: PathEvents;
  #closed = false;
  #inUse = false;

  constructor(ice: RTCIceTransport, events: PathEvents) {
    this.#ice = ice;
    this.#events = events;
    ice.connection.onData.subscribe((datagram) => this.#inUse && events.onDatagram(datagram));
    ice.onStateChange.subscribe((state) => this.#tell(PATH_STATES[state]));
  }

  async find(candidates: readonly IceCandidate[], remote: IceParameters): Promise<Path> {
    await setRemote(this.#ice, remote, candidates);
    // Sockets that were only being opened at `close` have escaped it.
    if (this.#closed) {
      await this.#ice.connection.close();
      throw new BelfryError('transport.failed', 'closed while connecting');
    }
    await this.#ice.start();
    return this;
  }

  /** werift nominates as it checks: against a lite agent the pair that answered is the one. */
  use(): void {
    this.#inUse = true;
  }

  send(datagram: Buffer): void {
    void this.#ice.connection.send(datagram).catch(ignore);
  }

  close(): void {
    this.#closed = true;
    this.#inUse = false;
    void this.#ice.stop().catch(ignore);
  }

  #tell(state: PathState | undefined): void {
    if (this.#inUse && state !== undefined) this.#events.onState(state);
  }
}

/** A datagram that the socket refused is a lost datagram: retransmission and state changes tell of it. */
const ignore = (): void => {};
