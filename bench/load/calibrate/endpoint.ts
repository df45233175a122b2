import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import {
  classes,
  Message,
  methods,
  ProtectionProfileAeadAes128Gcm,
  parseMessage,
  type RTCCertificate,
  RTCDtlsFingerprint,
  RTCDtlsParameters,
  RTCDtlsTransport,
  type RTCIceTransport,
  type RtpHeader,
} from 'werift';
import { asId, type TransportId } from '../../../src/base/ids.ts';
import type { TransportOffer } from '../../../src/base/media.ts';
import type { DtlsParameters } from '../../../src/base/rtp.ts';
import { createCertificate } from '../../../src/client/werift/hop/certificate.ts';
import { createDtlsIce } from '../../../src/client/werift/hop/dtls-ice.ts';
import { isStun } from '../../../src/client/werift/hop/tcp/checks.ts';

const LOOPBACK = '127.0.0.1';
const ICE = { usernameFragment: 'reflector', password: 'the-reflector-has-no-secrets', iceLite: true };

/** The relay's end of one transport and nothing more: it answers ICE checks, shakes hands, and sends what it is given. */
export class Endpoint {
  readonly #socket: Socket;
  readonly #ice: RTCIceTransport;
  readonly #dtls: RTCDtlsTransport;
  #client: number | undefined;

  private constructor(socket: Socket, certificate: RTCCertificate) {
    this.#socket = socket;
    this.#ice = createDtlsIce((datagram) => this.#send(datagram));
    this.#dtls = new RTCDtlsTransport({}, this.#ice, certificate, [ProtectionProfileAeadAes128Gcm]);
    this.#dtls.role = 'server';
    socket.on('message', (datagram, { port }) => this.#take(datagram, port));
  }

  static async open(): Promise<Endpoint> {
    const socket = createSocket('udp4');
    socket.bind(0, LOOPBACK);
    await once(socket, 'listening');
    return new Endpoint(socket, await createCertificate());
  }

  get offer(): TransportOffer {
    const { port } = this.#socket.address();
    const fingerprints = this.#dtls.localParameters.fingerprints
      .filter(({ algorithm }) => algorithm === 'sha-256')
      .map(({ value }) => ({ algorithm: 'sha-256' as const, value }));
    return {
      transport: asId<TransportId>('reflector'),
      iceParameters: ICE,
      iceCandidates: [
        { foundation: '1', priority: 1, address: LOOPBACK, port, protocol: 'udp', type: 'host' },
      ],
      dtlsParameters: { role: 'server', fingerprints },
    };
  }

  /** Waits for the other side's handshake, without holding it up. */
  accept({ fingerprints }: DtlsParameters): void {
    const theirs = fingerprints.map(({ algorithm, value }) => new RTCDtlsFingerprint(algorithm, value));
    this.#dtls.setRemoteParams(new RTCDtlsParameters(theirs, 'client'));
    void this.#dtls.start();
  }

  send(header: RtpHeader, payload: Buffer): void {
    this.#send(this.#dtls.srtp.encrypt(payload, header));
  }

  #send(datagram: Buffer): void {
    if (this.#client !== undefined) this.#socket.send(datagram, this.#client, LOOPBACK);
  }

  #take(datagram: Buffer, port: number): void {
    if (!isStun(datagram)) this.#ice.connection.onData.execute(datagram);
    else this.#answer(datagram, port);
  }

  #answer(datagram: Buffer, port: number): void {
    const key = Buffer.from(ICE.password);
    const request = parseMessage(datagram, key);
    if (request?.messageClass !== classes.REQUEST) return;
    this.#client = port;
    const answer = new Message(methods.BINDING, classes.RESPONSE, request.transactionId);
    answer.setAttribute('XOR-MAPPED-ADDRESS', [LOOPBACK, port]);
    this.#send(answer.addMessageIntegrity(key).addFingerprint().bytes);
  }
}
