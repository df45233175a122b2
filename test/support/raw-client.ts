import assert from 'node:assert/strict';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { WireError } from '../../src/signaling/protocol/messages.ts';

/** A server message as it came: a reply, an event or a heartbeat. */
export interface Received {
  readonly seq?: number;
  readonly re?: number;
  readonly ok?: boolean;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly error?: WireError;
  readonly event?: { readonly kind: string } & Readonly<Record<string, unknown>>;
  readonly kind?: string;
}

export interface Closed {
  readonly status: number;
  readonly reason: string;
}

/** A message that does not come within this is taken for missing. */
const PATIENCE_MS = 10_000;

/** A client of belfry.v1 without any manners: it sends what a test wants, keeps what comes, and acknowledges nothing. */
export class RawClient {
  readonly received: Received[] = [];
  readonly closed: Promise<Closed>;
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();
  #nextId = 1;
  #isClosed = false;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.#keep(JSON.parse(String(data)) as Received));
    socket.on('error', () => {});
    this.closed = new Promise((resolve) =>
      socket.on('close', (status, reason) => {
        this.#isClosed = true;
        for (const look of [...this.#waiting]) look();
        resolve({ status, reason: String(reason) });
      }),
    );
  }

  /** `localAddress`: where it comes from, for whom that counts. */
  static async open(url: string, localAddress?: string): Promise<RawClient> {
    const socket = new WebSocket(url, 'belfry.v1', {
      perMessageDeflate: false,
      ...(localAddress !== undefined && { localAddress }),
    });
    const client = new RawClient(socket);
    await once(socket, 'open');
    return client;
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  sendBinary(bytes: Uint8Array): void {
    this.#socket.send(bytes, { binary: true });
  }

  send(message: object): void {
    this.sendText(JSON.stringify(message));
  }

  ping(): void {
    this.#socket.ping();
  }

  ack(seq: number): void {
    this.send({ kind: 'ack', ack: seq });
  }

  /** Sends a request under the next id and answers that id. */
  ask(kind: string, fields: object = {}): number {
    const id = this.#nextId++;
    this.send({ id, kind, ...fields });
    return id;
  }

  /** The reply to a fresh request, whatever it says. */
  request(kind: string, fields: object = {}): Promise<Received> {
    return this.reply(this.ask(kind, fields));
  }

  reply(id: number): Promise<Received> {
    return this.until((message) => message.re === id);
  }

  /** The body of the reply to a fresh request; fails on a refusal. */
  async done(kind: string, fields: object = {}): Promise<Readonly<Record<string, unknown>>> {
    const reply = await this.request(kind, fields);
    assert.equal(reply.ok, true, `${kind}: ${reply.error?.code}`);
    return reply.body ?? {};
  }

  async refusal(kind: string, fields: object = {}): Promise<string | undefined> {
    return (await this.request(kind, fields)).error?.code;
  }

  event(kind: string): Promise<NonNullable<Received['event']>> {
    return this.until((message) => message.event?.kind === kind).then(({ event }) => event ?? { kind });
  }

  /** The first message, past or to come, that fits. */
  until(fits: (message: Received) => boolean): Promise<Received> {
    return new Promise((resolve, reject) => {
      const giveUp = (why: string): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        reject(new Error(why));
      };
      const timer = setTimeout(() => giveUp('an awaited message did not come'), PATIENCE_MS);
      const look = (): void => {
        const found = this.received.find(fits);
        if (found === undefined && this.#isClosed) giveUp('the connection closed before an awaited message');
        if (found === undefined) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }

  get lastSeq(): number {
    return Math.max(0, ...this.received.map(({ seq = 0 }) => seq));
  }

  eventKinds(): string[] {
    return this.received.flatMap(({ event }) => event?.kind ?? []);
  }

  /** Stops reading; the kernel's buffers fill, then the server's. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Breaks the connection without a word. */
  async vanish(): Promise<void> {
    this.#socket.terminate();
    await this.closed;
  }

  #keep(message: Received): void {
    this.received.push(message);
    for (const look of [...this.#waiting]) look();
  }
}
