import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { classes, Message, methods, parseMessage } from 'werift';

const REALM = 'realm';
const LIFETIME_SECONDS = 600;
const CHANNEL_DATA = 0x40;
const ATTRIBUTES: { readonly [method: number]: (request: Message, answer: Message) => void } = {
  [methods.ALLOCATE]: (_, answer) => {
    answer.setAttribute('XOR-RELAYED-ADDRESS', ['192.0.2.1', 50_000]);
    answer.setAttribute('XOR-MAPPED-ADDRESS', ['192.0.2.2', 40_000]);
    answer.setAttribute('LIFETIME', LIFETIME_SECONDS);
  },
  [methods.REFRESH]: (request, answer) => {
    answer.setAttribute('LIFETIME', request.getAttributeValue('LIFETIME'));
  },
};

/** A TURN server on a loopback port (RFC 8656) that forwards to nobody: it sends channel data back as it came. */
export class FakeTurn {
  /** What was granted, in order: `ALLOCATE`, `CHANNEL_BIND 10.0.0.1 44400`, `REFRESH 0`. */
  readonly granted: string[] = [];
  readonly #socket: Socket;
  readonly #access: { readonly username: string; readonly credential: string };
  readonly #waiting = new Set<() => void>();

  private constructor(socket: Socket, access: { username: string; credential: string }) {
    this.#socket = socket;
    this.#access = access;
    socket.on('message', (message, from) => this.#take(message, from));
  }

  static async open(access: { username: string; credential: string }): Promise<FakeTurn> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new FakeTurn(socket, access);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Settles once `what` was granted. */
  async untilGranted(what: string): Promise<void> {
    while (!this.granted.includes(what)) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  close(): void {
    this.#socket.close();
  }

  #take(bytes: Buffer, from: RemoteInfo): void {
    const isData = (bytes[0] ?? 0) >= CHANNEL_DATA;
    this.#socket.send(isData ? bytes : this.#answerTo(bytes), from.port, from.address);
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #answerTo(bytes: Buffer): Buffer {
    const key = createHash('md5')
      .update(`${this.#access.username}:${REALM}:${this.#access.credential}`)
      .digest();
    const request = parseMessage(bytes);
    assert(request);
    const isSigned = request.attributesKeys.includes('MESSAGE-INTEGRITY');
    const answer = isSigned && parseMessage(bytes, key) ? this.#grant(request, key) : refusalOf(request);
    return answer.bytes;
  }

  #grant(request: Message, key: Buffer): Message {
    const answer = new Message(request.messageMethod, classes.RESPONSE, request.transactionId);
    ATTRIBUTES[request.messageMethod]?.(request, answer);
    const subject = request.getAttributeValue('XOR-PEER-ADDRESS') ?? request.getAttributeValue('LIFETIME');
    const isAllocate = request.messageMethod === methods.ALLOCATE;
    const name = methods[request.messageMethod];
    this.granted.push(isAllocate ? `${name}` : `${name} ${[subject].flat().join(' ')}`);
    return answer.addMessageIntegrity(key).addFingerprint();
  }
}

const refusalOf = (request: Message): Message =>
  new Message(request.messageMethod, classes.ERROR, request.transactionId)
    .setAttribute('ERROR-CODE', [401, 'Unauthorized'])
    .setAttribute('REALM', REALM)
    .setAttribute('NONCE', Buffer.from('nonce'));
