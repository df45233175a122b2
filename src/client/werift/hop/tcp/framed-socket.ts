import { createConnection, type Socket } from 'node:net';
import { FrameReader, toFrame } from './frames.ts';

/**
 * What may wait here behind the kernel's own buffer: 0.4 s of the largest picture and sound. More would only show the
 * others an older picture; less would cut key frames.
 */
const MAX_QUEUED_BYTES = 131_072;

export interface FramedSocketEvents {
  onOpen(): void;
  onDatagram(datagram: Buffer): void;
  /** Ended, refused or broken; told once, and not after `close`. */
  onEnd(why: Error | undefined): void;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Datagrams over one TCP connection that we open (RFC 4571, RFC 6544 section 4.5 "active"). */
export class FramedSocket {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #events: FramedSocketEvents;
  #ended = false;
  #error: Error | undefined;

  /** @param endpoint a literal address: nothing is looked up */
  constructor({ address, port }: Endpoint, events: FramedSocketEvents) {
    this.#events = events;
    // Without Nagle's algorithm: it would hold each packet of sound until the one before is acknowledged.
    this.#socket = createConnection({ host: address, port, noDelay: true });
    this.#socket.on('connect', () => !this.#ended && events.onOpen());
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#socket.on('error', (error) => {
      this.#error = error;
    });
    this.#socket.on('close', () => this.#end());
  }

  /** Drops the datagram where too much waits: late media is worth less than none. False then. */
  send(datagram: Buffer): boolean {
    if (this.#ended || this.#socket.writableLength + datagram.length > MAX_QUEUED_BYTES) return false;
    this.#socket.write(toFrame(datagram));
    return true;
  }

  close(): void {
    this.#ended = true;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    const datagrams = this.#reader.push(chunk);
    if (datagrams === undefined) this.#socket.destroy(new Error('a frame longer than any datagram'));
    for (const datagram of datagrams ?? []) if (!this.#ended) this.#events.onDatagram(datagram);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#events.onEnd(this.#error);
  }
}
