import { createConnection, type Socket } from 'node:net';
import type { Channel, ChannelEvents } from '../checked-path.ts';
import { FrameReader, type Measure, measureFrame, toFrame } from './frames.ts';

/**
 * What may wait here behind the kernel's own buffer: 0.4 s of the largest picture and sound. More would only show the
 * others an older picture; less would cut key frames.
 */
const MAX_QUEUED_BYTES = 131_072;

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** How datagrams travel on a byte stream. */
export interface Stream {
  readonly connect: (endpoint: Endpoint) => Socket;
  readonly openEvent: 'connect' | 'secureConnect';
  readonly measure: Measure;
  readonly toFrame: (datagram: Buffer) => Buffer;
}

/** RFC 4571 over TCP. Without Nagle's algorithm: it would hold each packet of sound until the one before is acknowledged. */
export const RTP_STREAM: Stream = {
  connect: ({ address, port }) => createConnection({ host: address, port, noDelay: true }),
  openEvent: 'connect',
  measure: measureFrame,
  toFrame,
};

/** Datagrams over one connection that we open (RFC 6544 section 4.5 "active"). */
export class FramedSocket implements Channel {
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  readonly #toFrame: Stream['toFrame'];
  readonly #events: ChannelEvents;
  #ended = false;
  #error: Error | undefined;

  /** @param endpoint a literal address: nothing is looked up */
  constructor(endpoint: Endpoint, events: ChannelEvents, stream: Stream = RTP_STREAM) {
    this.#events = events;
    this.#reader = new FrameReader(stream.measure);
    this.#toFrame = stream.toFrame;
    this.#socket = stream.connect(endpoint);
    this.#socket.on(stream.openEvent, () => !this.#ended && events.onOpen());
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#socket.on('error', (error) => {
      this.#error = error;
    });
    this.#socket.on('close', () => this.#end());
  }

  /** Drops the datagram where too much waits: late media is worth less than none. False then. */
  send(datagram: Buffer): boolean {
    if (this.#ended || this.#socket.writableLength + datagram.length > MAX_QUEUED_BYTES) return false;
    this.#socket.write(this.#toFrame(datagram));
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
