import {
  ProtectionProfileAeadAes128Gcm,
  RTCDtlsFingerprint,
  RTCDtlsParameters,
  RTCDtlsTransport,
  type RTCIceTransport,
  type RtcpPacket,
  type RtpHeader,
  type RtpPacket,
} from 'werift';
import type { Clock } from '../../../base/clock.ts';
import { withDeadline } from '../../../base/deadline.ts';
import { BelfryError } from '../../../base/errors.ts';
import type { TransportOffer } from '../../../base/media.ts';
import type { DtlsParameters, IceParameters } from '../../../base/rtp.ts';
import { createCertificate } from './certificate.ts';
import { createIce, setRemote, usableCandidates } from './ice.ts';
import { ServerProof } from './server-proof.ts';

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

/** One ICE and DTLS-SRTP association with the relay. DTLS client, AES-128-GCM, certificate of its own. */
export class Hop {
  readonly dtlsParameters: DtlsParameters;
  readonly #ice: RTCIceTransport;
  readonly #dtls: RTCDtlsTransport;
  readonly #offer: TransportOffer;
  readonly #clock: Clock;
  readonly #onState: (state: HopState) => void;
  /** Rejects at `close`, so that whoever waits for the relay stops waiting. */
  readonly #closing = Promise.withResolvers<never>();
  #closed = false;
  #secured = false;
  #told: HopState | undefined;

  private constructor(
    offer: TransportOffer,
    ice: RTCIceTransport,
    dtls: RTCDtlsTransport,
    clock: Clock,
    events: HopEvents,
  ) {
    this.#offer = offer;
    this.#ice = ice;
    this.#dtls = dtls;
    this.#clock = clock;
    this.#onState = events.onState;
    this.#closing.promise.catch(() => {});
    this.dtlsParameters = { role: 'client', fingerprints: ownFingerprints(dtls) };
    dtls.onRtp.subscribe((packet) => this.isOpen && events.onRtp(packet));
    dtls.onRtcp.subscribe((packet) => this.isOpen && events.onRtcp(packet));
    dtls.onStateChange.subscribe(() => this.#tellState());
    ice.onStateChange.subscribe(() => this.#tellState());
  }

  /** Throws `transport.unreachable` where the offer has no usable address. Opens no socket yet. */
  static async create(offer: TransportOffer, clock: Clock, events: HopEvents): Promise<Hop> {
    const ice = createIce(usableCandidates(offer.iceCandidates));
    const certificate = await createCertificate();
    const dtls = new RTCDtlsTransport({}, ice, certificate, [ProtectionProfileAeadAes128Gcm]);
    dtls.role = 'client';
    const fingerprints = offer.dtlsParameters.fingerprints;
    dtls.setRemoteParams(
      new RTCDtlsParameters(
        fingerprints.map((one) => new RTCDtlsFingerprint(one.algorithm, one.value)),
        'server',
      ),
    );
    return new Hop(offer, ice, dtls, clock, events);
  }

  /** True from the proven handshake until `close`: only then does media pass, in either direction. */
  get isOpen(): boolean {
    return this.#secured && !this.#closed;
  }

  /** Rejects with `transport.failed`, `transport.not-authentic` or `deadline.passed`; the hop is closed then. */
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
    await this.#inTime(this.#findRelay(parameters));
  }

  /** The datagram of one packet. One call per (SSRC, sequence number): to resend, send the same datagram again. */
  protect(header: RtpHeader, payload: Buffer): Buffer {
    return this.#dtls.srtp.encrypt(payload, header);
  }

  send(datagram: Buffer): void {
    if (this.isOpen) void this.#ice.connection.send(datagram).catch(ignoreSendError);
  }

  sendRtcp(compound: Buffer): void {
    if (this.isOpen) this.send(this.#dtls.srtcp.encrypt(compound));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#closing.reject(new BelfryError('transport.failed', 'closed while connecting'));
    this.#endHandshake();
    if (!this.#secured) this.#clock.after(HANDSHAKE_START_MS, () => this.#endHandshake());
    void this.#dtls.stop().catch(ignoreSendError);
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

  async #findRelay(parameters: IceParameters): Promise<void> {
    await setRemote(this.#ice, parameters, usableCandidates(this.#offer.iceCandidates));
    // Sockets that were only being opened at `close` have escaped it.
    if (this.#closed) await this.#ice.connection.close();
    else await this.#ice.start();
  }

  #inTime(work: Promise<void>): Promise<void> {
    const orClosed = Promise.race([work.catch(failed), this.#closing.promise]);
    return withDeadline(this.#clock, CONNECT_DEADLINE_MS, 'the relay', orClosed);
  }

  #tellState(): void {
    if (!this.isOpen) return;
    const { state: ice } = this.#ice;
    const { state: dtls } = this.#dtls;
    if (ice === 'failed' || dtls === 'failed' || dtls === 'closed') this.#tell('failed');
    else this.#tell(ice === 'disconnected' || ice === 'checking' ? 'disconnected' : 'connected');
  }

  #tell(state: HopState): void {
    if (state === this.#told) return;
    this.#told = state;
    this.#onState(state);
  }
}

const ownFingerprints = (dtls: RTCDtlsTransport): DtlsParameters['fingerprints'] =>
  dtls.localParameters.fingerprints
    .filter(({ algorithm }) => algorithm === 'sha-256')
    .map(({ value }) => ({ algorithm: 'sha-256', value }));

const failed = (cause: unknown): never => {
  if (cause instanceof BelfryError) throw cause;
  throw new BelfryError('transport.failed', 'no connection with the relay', { cause });
};

/** A datagram that the socket refused is a lost datagram: retransmission and state changes tell of it. */
const ignoreSendError = (): void => {};
