import {
  ProtectionProfileAeadAes128Gcm,
  type RTCCertificate,
  RTCDtlsFingerprint,
  RTCDtlsParameters,
  RTCDtlsTransport,
  type RTCIceTransport,
  type RtcpPacket,
  type RtpHeader,
  type RtpPacket,
} from 'werift';
import { withDeadline } from '../../../base/deadline.ts';
import { BelfryError } from '../../../base/errors.ts';
import type { TransportOffer } from '../../../base/media.ts';
import type { DtlsParameters, IceParameters } from '../../../base/rtp.ts';
import { usableCandidates } from './candidates.ts';
import { createDtlsIce } from './dtls-ice.ts';
import { findPath } from './find-path.ts';
import type { Attempt, Path, PathState, Platform } from './path.ts';
import { ServerProof } from './server-proof.ts';
import { usableServers } from './turn/turn-path.ts';

/** ICE and DTLS take half a second on loopback; ten covers a slow network's retries before a person gives up. */
const CONNECT_DEADLINE_MS = 10_000;
/** werift's DTLS client waits 100 ms before it sends; what was closed within is ended once more after this. */
const HANDSHAKE_START_MS = 150;

export type HopState = 'connecting' | 'connected' | 'disconnected' | 'failed';

export interface HopEvents {
  onState(state: HopState): void;
  onRtp(packet: RtpPacket): void;
  onRtcp(packet: RtcpPacket): void;
}

/** One ICE and DTLS-SRTP association with the relay. DTLS client, AES-128-GCM. */
export class Hop {
  readonly dtlsParameters: DtlsParameters;
  readonly #dtlsIce: RTCIceTransport;
  readonly #dtls: RTCDtlsTransport;
  readonly #offer: TransportOffer;
  readonly #platform: Platform;
  readonly #onState: (state: HopState) => void;
  /** Rejects at `close`, so that whoever waits for the relay stops waiting. */
  readonly #closing = Promise.withResolvers<never>();
  #search: Attempt | undefined;
  #path: Path | undefined;
  #pathState: PathState = 'disconnected';
  #closed = false;
  #secured = false;
  #told: HopState | undefined;

  /** Opens no socket yet. */
  constructor(offer: TransportOffer, certificate: RTCCertificate, platform: Platform, events: HopEvents) {
    const ice = createDtlsIce((datagram) => this.#path?.send(datagram));
    const dtls = createDtls(ice, certificate, offer.dtlsParameters);
    this.#offer = offer;
    this.#dtlsIce = ice;
    this.#dtls = dtls;
    this.#platform = platform;
    this.#onState = events.onState;
    this.#closing.promise.catch(() => {});
    this.dtlsParameters = { role: 'client', fingerprints: ownFingerprints(dtls) };
    dtls.onRtp.subscribe((packet) => this.isOpen && events.onRtp(packet));
    dtls.onRtcp.subscribe((packet) => this.isOpen && events.onRtcp(packet));
    dtls.onStateChange.subscribe(() => this.#tellState());
  }

  /** How datagrams travel now; `undefined` before the relay was found. */
  get protocol(): Path['protocol'] | undefined {
    return this.#path?.protocol;
  }

  /** True from the proven handshake until `close`: only then does media pass, in either direction. */
  get isOpen(): boolean {
    return this.#secured && !this.#closed;
  }

  /**
   * Rejects with `transport.unreachable` (the offer has no usable address), `transport.failed`,
   * `transport.not-authentic` or `deadline.passed`; the hop is closed then.
   */
  async connect(): Promise<void> {
    this.#tell('connecting');
    try {
      await this.#inTime(this.#handshake());
    } catch (error) {
      const wasClosed = this.#closed;
      this.close();
      if (!wasClosed) this.#tell('failed');
      throw error;
    }
    this.#secured = true;
    this.#tellState();
  }

  /** Rejects as `connect` does, but leaves the hop as it is: DTLS survives and another restart may follow. */
  async restartIce(parameters: IceParameters): Promise<void> {
    if (this.isOpen) this.#tell('disconnected');
    await this.#inTime(this.#findRelay(parameters));
    this.#tellState();
  }

  /** The datagram of one packet. One call per (SSRC, sequence number): to resend, send the same datagram again. */
  protect(header: RtpHeader, payload: Buffer): Buffer {
    return this.#dtls.srtp.encrypt(payload, header);
  }

  send(datagram: Buffer): void {
    if (this.isOpen) this.#path?.send(datagram);
  }

  sendRtcp(compound: Buffer): void {
    if (this.isOpen) this.send(this.#dtls.srtcp.encrypt(compound));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#closing.reject(new BelfryError('transport.failed', 'closed while connecting'));
    this.#endHandshake();
    this.#search?.cancel();
    this.#path?.close();
    if (!this.#secured) this.#platform.clock.after(HANDSHAKE_START_MS, () => this.#endHandshake());
    void this.#dtls.stop().catch(ignore);
  }

  /** werift's handshake would go on retransmitting for half a minute: its flight number tells it that all is done. */
  #endHandshake(): void {
    if (this.#dtls.dtls) this.#dtls.dtls.dtls.flight = Number.MAX_SAFE_INTEGER;
  }

  async #handshake(): Promise<void> {
    await this.#findRelay(this.#offer.iceParameters);
    if (this.#closed) return;
    const started = this.#dtls.start();
    const proof = this.#dtls.dtls && ServerProof.watch(this.#dtls.dtls);
    await started;
    if (!proof?.holds()) {
      throw new BelfryError('transport.not-authentic', 'the relay did not prove the key of its certificate');
    }
  }

  /** The path in use stays until the new one answers: media goes on through an ICE restart where it can. */
  async #findRelay(parameters: IceParameters): Promise<void> {
    const { iceCandidates, iceServers = [] } = this.#offer;
    const ways = { candidates: usableCandidates(iceCandidates), servers: usableServers(iceServers) };
    this.#search?.cancel();
    let path: Path | undefined;
    const search = findPath({ ...ways, remote: parameters }, this.#platform, {
      onDatagram: (datagram) => this.#dtlsIce.connection.onData.execute(datagram),
      onState: (state) => path !== undefined && this.#pathChanged(path, state),
    });
    this.#search = search;
    path = await search.found;
    if (this.#closed || this.#search !== search) return path.close();
    this.#search = undefined;
    this.#path?.close();
    this.#path = path;
    this.#pathState = 'connected';
  }

  /** What a path says that another has followed is of no matter. */
  #pathChanged(path: Path, state: PathState): void {
    if (this.#path !== path) return;
    this.#pathState = state;
    this.#tellState();
  }

  #inTime(work: Promise<void>): Promise<void> {
    const orClosed = Promise.race([work.catch(failed), this.#closing.promise]);
    return withDeadline(this.#platform.clock, CONNECT_DEADLINE_MS, 'the relay', orClosed);
  }

  #tellState(): void {
    if (!this.isOpen) return;
    const { state: dtls } = this.#dtls;
    this.#tell(dtls === 'failed' || dtls === 'closed' ? 'failed' : this.#pathState);
  }

  #tell(state: HopState): void {
    if (state === this.#told) return;
    this.#told = state;
    this.#onState(state);
  }
}

const createDtls = (
  ice: RTCIceTransport,
  certificate: RTCCertificate,
  { fingerprints }: DtlsParameters,
): RTCDtlsTransport => {
  const dtls = new RTCDtlsTransport({}, ice, certificate, [ProtectionProfileAeadAes128Gcm]);
  const theirs = fingerprints.map((one) => new RTCDtlsFingerprint(one.algorithm, one.value));
  dtls.role = 'client';
  dtls.setRemoteParams(new RTCDtlsParameters(theirs, 'server'));
  return dtls;
};

const ownFingerprints = (dtls: RTCDtlsTransport): DtlsParameters['fingerprints'] =>
  dtls.localParameters.fingerprints
    .filter(({ algorithm }) => algorithm === 'sha-256')
    .map(({ value }) => ({ algorithm: 'sha-256', value }));

const failed = (cause: unknown): never => {
  if (cause instanceof BelfryError) throw cause;
  throw new BelfryError('transport.failed', 'no connection with the relay', { cause });
};

/** Ending what has ended already is no news. */
const ignore = (): void => {};
