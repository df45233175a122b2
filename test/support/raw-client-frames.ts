import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Closed } from './raw-client.ts';

export interface Frame {
  readonly opcode: number;
  readonly payload?: Uint8Array;
  readonly fin?: boolean;
  /** RSV1: what compression sets. */
  readonly compressed?: boolean;
  readonly masked?: boolean;
}

/** RFC 6455 section 5.2, for payloads up to 65,535 bytes, masked with zeros. */
export const frameBytes = ({ opcode, payload = new Uint8Array(), fin = true, ...frame }: Frame): Buffer => {
  const first = (fin ? 0x80 : 0) | (frame.compressed === true ? 0x40 : 0) | opcode;
  const mask = frame.masked === false ? 0 : 0x80;
  const length =
    payload.length < 126 ? [mask | payload.length] : [mask | 126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from([first, ...length]), Buffer.alloc(mask === 0 ? 0 : 4), payload]);
};

export const TEXT = 1;
export const CONTINUATION = 0;
export const CLOSE = 8;
export const PONG = 10;

/** A websocket by hand: any bytes may be sent, only the close frame that ends it is read. */
export class RawSocket {
  readonly closed: Promise<Closed>;
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (data) => {
      this.#bytes = Buffer.concat([this.#bytes, data]);
    });
    socket.on('error', () => {});
    this.closed = once(socket, 'close').then(() => this.#closeFrame());
  }

  static async open(port: number): Promise<RawSocket> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    socket.write(upgradeHead('/v1/meet'));
    const head = String((await once(socket, 'data'))[0]);
    if (!head.startsWith('HTTP/1.1 101')) throw new Error(head);
    return new RawSocket(socket);
  }

  send(frame: Frame): void {
    this.#socket.write(frameBytes(frame));
  }

  /** As they are, part of a frame or not. */
  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && !this.#socket.readableEnded;
  }

  end(): void {
    this.#socket.destroy();
  }

  /** Servers' frames are not masked; the last one that came is the close. */
  #closeFrame(): Closed {
    let at = 0;
    while (at + 2 <= this.#bytes.length) {
      const length = (this.#bytes[at + 1] ?? 0) & 0x7f;
      const isLong = length === 126;
      const payload = at + (isLong ? 4 : 2);
      const end = payload + (isLong ? this.#bytes.readUInt16BE(at + 2) : length);
      if (((this.#bytes[at] ?? 0) & 0x0f) === 8)
        return {
          status: this.#bytes.readUInt16BE(payload),
          reason: this.#bytes.toString('utf8', payload + 2, end),
        };
      at = end;
    }
    return { status: 1006, reason: '' };
  }
}

export const upgradeHead = (path: string, headers: Readonly<Record<string, string>> = {}): string => {
  const all = {
    Host: '127.0.0.1',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Protocol': 'belfry.v1',
    ...headers,
  };
  const lines = Object.entries(all)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}`);
  return `GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
};

/** Sends bytes, and answers all that comes until the server closes. */
export const exchange = async (port: number, text: string): Promise<string> => {
  const socket = connect({ host: '127.0.0.1', port });
  let answer = '';
  socket.on('data', (data) => {
    answer += String(data);
  });
  socket.on('error', () => {});
  if (text !== '') socket.write(text);
  await once(socket, 'close');
  return answer;
};
