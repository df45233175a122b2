import {
  IceCandidate,
  RTCDtlsFingerprint,
  RTCDtlsParameters,
  RTCDtlsTransport,
  RTCIceGatherer,
  RTCIceParameters,
  RTCIceTransport,
  RtpHeader,
} from 'werift';
import type { TransportId } from '../../src/base/ids.ts';
import type { DtlsParameters } from '../../src/base/rtp.ts';
import type { Engine, EngineReply } from '../../src/sfu/engine/port.ts';
import { replyOf } from '../contract/engine.ts';

type Offer = Extract<EngineReply, { readonly kind: 'transport' }>;

const PACKETS_PER_SECOND = 50;

export interface Stream {
  readonly ssrc: number;
  readonly payloadType: number;
  readonly clockRate: number;
}

const timestampAt = ({ clockRate }: Stream, sequenceNumber: number): number =>
  (clockRate / PACKETS_PER_SECOND) * sequenceNumber;

/** The far end of one transport, by werift on loopback. */
export class EnginePeer {
  readonly dtls: RTCDtlsTransport;
  readonly #ice: RTCIceTransport;

  private constructor(ice: RTCIceTransport, dtls: RTCDtlsTransport) {
    this.#ice = ice;
    this.dtls = dtls;
  }

  /** To be closed whether or not it connects: its socket keeps the process alive. */
  static async create(offer: Offer): Promise<EnginePeer> {
    const gatherer = new RTCIceGatherer({ additionalHostAddresses: ['127.0.0.1'], useIpv6: false });
    // Without this werift looks up a public STUN server's name.
    delete gatherer.connection.stunServer;
    const ice = new RTCIceTransport(gatherer);
    ice.connection.iceControlling = true;
    const dtls = new RTCDtlsTransport({}, ice, await RTCDtlsTransport.SetupCertificate(), [7, 1]);
    const peer = new EnginePeer(ice, dtls);
    await gatherer.gather();
    await peer.#describe(offer);
    return peer;
  }

  get dtlsParameters(): DtlsParameters {
    const sha256 = this.dtls.localParameters.fingerprints.filter(({ algorithm }) => algorithm === 'sha-256');
    return { role: 'client', fingerprints: sha256.map(({ value }) => ({ algorithm: 'sha-256', value })) };
  }

  /** ICE, then DTLS; settles when media may flow. */
  async connect(engine: Engine, transport: TransportId, dtlsParameters = this.dtlsParameters): Promise<void> {
    replyOf('done', await engine.run({ kind: 'connect-transport', transport, dtlsParameters }));
    await this.#ice.start();
    await this.dtls.start();
  }

  /** One packet of a stream that has 50 a second. */
  async send(stream: Stream, sequenceNumber: number, payload: Buffer): Promise<void> {
    const { ssrc, payloadType } = stream;
    const timestamp = timestampAt(stream, sequenceNumber);
    const header = new RtpHeader({ ssrc, payloadType, sequenceNumber, timestamp, marker: true });
    await this.dtls.sendRtp(payload, header);
  }

  async close(): Promise<void> {
    await this.dtls.stop();
    await this.#ice.stop();
  }

  async #describe({ iceParameters, iceCandidates, dtlsParameters }: Offer): Promise<void> {
    const { usernameFragment, password } = iceParameters;
    this.#ice.setRemoteParams(new RTCIceParameters({ iceLite: true, usernameFragment, password }));
    for (const { foundation, address, port, priority, protocol, type } of iceCandidates)
      if (protocol === 'udp')
        await this.#ice.addRemoteCandidate(
          new IceCandidate(1, foundation, address, port, priority, protocol, type),
        );
    await this.#ice.addRemoteCandidate(undefined);
    const fingerprints = dtlsParameters.fingerprints.map(
      ({ algorithm, value }) => new RTCDtlsFingerprint(algorithm, value),
    );
    this.dtls.role = 'client';
    this.dtls.setRemoteParams(new RTCDtlsParameters(fingerprints, 'server'));
  }
}
