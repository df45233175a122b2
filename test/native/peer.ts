import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { types } from 'mediasoup';
import {
  IceCandidate,
  RTCDtlsFingerprint,
  RTCDtlsParameters,
  RTCDtlsTransport,
  RTCIceGatherer,
  RTCIceParameters,
  RTCIceTransport,
  type SrtpProfile,
} from 'werift';

const LOOPBACK = '127.0.0.1';

/** Stands between a peer and the worker and notes the size of every DTLS datagram that the worker sends. */
export class DtlsProbe {
  readonly sizesBytes: number[] = [];
  readonly #socket: Socket;
  #peer: RemoteInfo | undefined;

  private constructor(socket: Socket, workerPort: number) {
    this.#socket = socket;
    socket.on('message', (packet, from) => {
      if (from.port === workerPort) this.#fromWorker(packet);
      else {
        this.#peer = from;
        socket.send(packet, workerPort, LOOPBACK);
      }
    });
  }

  /** @param workerPort the worker's UDP port on loopback */
  static async open(workerPort: number): Promise<DtlsProbe> {
    const socket = createSocket('udp4');
    socket.bind(0, LOOPBACK);
    await once(socket, 'listening');
    return new DtlsProbe(socket, workerPort);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  close(): void {
    this.#socket.close();
  }

  #fromWorker(packet: Buffer): void {
    const firstByte = packet[0] ?? 0;
    // RFC 7983: DTLS records start with a byte from 20 to 63.
    if (firstByte >= 20 && firstByte <= 63) this.sizesBytes.push(packet.length);
    if (this.#peer) this.#socket.send(packet, this.#peer.port, LOOPBACK);
  }
}

export interface Peer {
  readonly dtls: RTCDtlsTransport;
  /** ICE, then DTLS; settles when media may flow. */
  connect(transport: types.WebRtcTransport): Promise<void>;
  close(): Promise<void>;
}

export interface PeerOptions {
  /** The peer's part in the handshake; the worker takes the other. */
  readonly role: 'client' | 'server';
  readonly srtpProfiles?: SrtpProfile[];
  /** Where the peer finds the worker, if not at the transport's own port. */
  readonly port?: number;
}

/** A werift peer on loopback. To be closed whether or not it connected: its socket keeps the process alive. */
export async function createPeer(options: PeerOptions): Promise<Peer> {
  const gatherer = new RTCIceGatherer({ additionalHostAddresses: [LOOPBACK], useIpv6: false });
  // Without this werift looks up a public STUN server's name.
  delete gatherer.connection.stunServer;
  const ice = new RTCIceTransport(gatherer);
  ice.connection.iceControlling = true;
  const certificate = await RTCDtlsTransport.SetupCertificate();
  const dtls = new RTCDtlsTransport({}, ice, certificate, options.srtpProfiles ?? [7, 1]);
  return {
    dtls,
    async connect(transport) {
      await gatherer.gather();
      await describeWorker(ice, dtls, transport, options);
      const fingerprints = toMediasoup(dtls.localParameters.fingerprints);
      await transport.connect({ dtlsParameters: { role: options.role, fingerprints } });
      await ice.start();
      await dtls.start();
    },
    async close() {
      await dtls.stop();
      await ice.stop();
    },
  };
}

async function describeWorker(
  ice: RTCIceTransport,
  dtls: RTCDtlsTransport,
  transport: types.WebRtcTransport,
  options: PeerOptions,
): Promise<void> {
  const { iceParameters, iceCandidates, dtlsParameters } = transport;
  const { usernameFragment, password } = iceParameters;
  ice.setRemoteParams(new RTCIceParameters({ iceLite: true, usernameFragment, password }));
  for (const { foundation, ip, port, priority, protocol, type } of iceCandidates) {
    await ice.addRemoteCandidate(
      new IceCandidate(1, foundation, ip, options.port ?? port, priority, protocol, type),
    );
  }
  await ice.addRemoteCandidate(undefined);
  const fingerprints = dtlsParameters.fingerprints.map(
    (one) => new RTCDtlsFingerprint(one.algorithm, one.value),
  );
  dtls.role = options.role;
  dtls.setRemoteParams(new RTCDtlsParameters(fingerprints, options.role === 'client' ? 'server' : 'client'));
}

function toMediasoup(fingerprints: readonly RTCDtlsFingerprint[]): types.DtlsFingerprint[] {
  const sha256 = fingerprints.filter(({ algorithm }) => algorithm === 'sha-256');
  return sha256.map(({ value }) => ({ algorithm: 'sha-256', value }));
}
