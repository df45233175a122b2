import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
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
} from 'werift';
import { withDeadline } from '../../src/base/deadline.ts';
import { BelfryError } from '../../src/base/errors.ts';
import type { TransportOffer } from '../../src/base/media.ts';
import { secureRandomBytes, systemClock } from '../../src/base/platform.ts';
import type { DtlsParameters } from '../../src/base/rtp.ts';
import { createDtlsIce } from '../../src/client/werift/hop/dtls-ice.ts';
import { Checks, isStun } from '../../src/client/werift/hop/tcp/checks.ts';

const LOOPBACK = '127.0.0.1';
const ASK_AGAIN_MS = 200;
const TRIES = 25;
/** Before werift gives up by itself, which ends the process. */
const HANDSHAKE_MS = 5_000;
const KEY_BYTES = 16;
const SALT_BYTES = 12;

/** Key and salt in hex, as the generator reads them. */
export interface LegKeys {
  readonly send: string;
  readonly read: string;
}

/** What Node keeps of a socket. */
interface Handle {
  readonly fd: number;
  recvStop(): void;
}

/** No public way leads to a socket's descriptor: Node keeps its state under a symbol of its own. */
const handleOf = (socket: Socket): Handle => {
  for (const symbol of Object.getOwnPropertySymbols(socket)) {
    const state: unknown = Reflect.get(socket, symbol);
    if (typeof state === 'object' && state !== null && 'handle' in state) return state.handle as Handle;
  }
  throw new BelfryError('bench.no-descriptor', 'Node keeps its sockets elsewhere now');
};

/** A UDP socket at an address of this machine that knows whom it sends to at the same one: nothing leaves the machine. */
export const openSocket = async (port: number, address = LOOPBACK): Promise<Socket> => {
  const socket = createSocket('udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  socket.connect(port, address);
  await once(socket, 'connect');
  return socket;
};

/** The socket's descriptor, which Node no longer reads from. */
export const handOver = (socket: Socket): number => {
  const handle = handleOf(socket);
  handle.recvStop();
  return handle.fd;
};

const TIE_BREAKER_PART_BYTES = 4;

/**
 * Random, but for the largest of tie-breakers: a relay that made an offer takes itself for controlling too, and gives way to
 * the larger one (RFC 8445 section 7.3.1.1).
 */
const insistent = (size: number): ReturnType<typeof secureRandomBytes> =>
  size === TIE_BREAKER_PART_BYTES ? new Uint8Array(size).fill(0xff) : secureRandomBytes(size);

/** ICE and DTLS with a relay on a socket of its own; then the socket and its keys are the generator's. */
export class Leg {
  readonly #socket: Socket;
  readonly #checks: Checks;
  readonly #dtls: RTCDtlsTransport;

  private constructor(socket: Socket, offer: TransportOffer, certificate: RTCCertificate) {
    this.#socket = socket;
    this.#checks = new Checks(offer.iceParameters, insistent);
    const ice = createDtlsIce((datagram) => socket.send(datagram));
    this.#dtls = new RTCDtlsTransport({}, ice, certificate, [ProtectionProfileAeadAes128Gcm]);
    this.#dtls.role = 'client';
    const theirs = offer.dtlsParameters.fingerprints.map(
      (one) => new RTCDtlsFingerprint(one.algorithm, one.value),
    );
    this.#dtls.setRemoteParams(new RTCDtlsParameters(theirs, 'server'));
    socket.on('message', (datagram) => {
      if (!isStun(datagram)) ice.connection.onData.execute(datagram);
    });
    socket.on('error', () => {});
  }

  static async open(offer: TransportOffer, certificate: RTCCertificate): Promise<Leg> {
    const candidate = offer.iceCandidates.find(({ protocol }) => protocol === 'udp');
    if (candidate === undefined) throw new BelfryError('bench.no-candidate', 'no address by UDP was offered');
    return new Leg(await openSocket(candidate.port, candidate.address), offer, certificate);
  }

  /** Its own. */
  get port(): number {
    return this.#socket.address().port;
  }

  get dtlsParameters(): DtlsParameters {
    const fingerprints = this.#dtls.localParameters.fingerprints
      .filter(({ algorithm }) => algorithm === 'sha-256')
      .map(({ value }) => ({ algorithm: 'sha-256' as const, value }));
    return { role: 'client', fingerprints };
  }

  async connect(): Promise<void> {
    await this.#check();
    // A full agent checks the path as well, and takes it once it is told of it again.
    const again = setInterval(() => this.#socket.send(this.#checks.request(true)), ASK_AGAIN_MS);
    const started = withDeadline(systemClock, HANDSHAKE_MS, 'the handshake', this.#dtls.start());
    await started.finally(() => clearInterval(again));
  }

  /** Of a relay that is no lite agent: it takes a path once its own checks, made with `password`, are answered. */
  answerChecks(password: string): void {
    this.#socket.on('message', (datagram, { address, port }) => {
      const asked = isStun(datagram) ? parseMessage(datagram) : undefined;
      if (asked?.messageClass !== classes.REQUEST) return;
      const answer = new Message(methods.BINDING, classes.RESPONSE, asked.transactionId);
      answer.setAttribute('XOR-MAPPED-ADDRESS', [address, port]);
      this.#socket.send(answer.addMessageIntegrity(Buffer.from(password)).addFingerprint().bytes);
    });
  }

  /** By which the relay knows this side's checks. */
  get usernameFragment(): string {
    const name = parseMessage(this.#checks.request(false))?.getAttributeValue('USERNAME');
    return String(name).split(':')[1] ?? '';
  }

  get keys(): LegKeys {
    const { dtls } = this.#dtls;
    if (dtls === undefined) throw new BelfryError('bench.no-keys', 'the handshake comes first');
    const keys = dtls.extractSessionKeys(KEY_BYTES, SALT_BYTES);
    const hex = (key: Buffer, salt: Buffer) => Buffer.concat([key, salt]).toString('hex');
    return { send: hex(keys.localKey, keys.localSalt), read: hex(keys.remoteKey, keys.remoteSalt) };
  }

  handOver(): number {
    return handOver(this.#socket);
  }

  /** Without a farewell: the relay is ended with it. */
  close(): void {
    if (this.#dtls.dtls) this.#dtls.dtls.dtls.flight = Number.MAX_SAFE_INTEGER;
    this.#socket.close();
  }

  async #check(): Promise<void> {
    const answered = new Promise<boolean>((resolve) => {
      this.#socket.on('message', (datagram) => {
        if (isStun(datagram) && this.#checks.isAnswer(datagram)) resolve(true);
      });
    });
    for (let i = 0; i < TRIES; i++) {
      this.#socket.send(this.#checks.request(true));
      if (await Promise.race([answered, sleep(ASK_AGAIN_MS, false)])) return;
    }
    throw new BelfryError('bench.no-answer', 'the relay answered no check');
  }
}
