import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { BelfryError } from '../../../src/base/errors.ts';

interface Message {
  readonly janus: string;
  readonly transaction?: string;
  readonly data?: { readonly id: number };
  readonly jsep?: { readonly type: string; readonly sdp: string };
  readonly error?: { readonly reason: string };
  readonly plugindata?: { readonly data: { readonly error?: string } };
}

const TRIES = 50;
const TRY_AGAIN_MS = 100;

/** The API of janus over a websocket: one session, many handles. What a request comes to is awaited, not its `ack`. */
export class JanusSession {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, PromiseWithResolvers<Message>>();
  #next = 0;
  #id = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (text) => this.#take(JSON.parse(String(text)) as Message));
    socket.on('close', () => this.#fail('janus ended'));
    socket.on('error', () => {});
  }

  /** Waits until janus listens. */
  static async open(port: number): Promise<JanusSession> {
    const session = new JanusSession(await connected(port));
    const { data } = await session.#ask({ janus: 'create' });
    session.#id = data?.id ?? 0;
    return session;
  }

  async attach(plugin: string): Promise<number> {
    const { data } = await this.#ask({ janus: 'attach', session_id: this.#id, plugin });
    return data?.id ?? 0;
  }

  async message(handle: number, body: object, answer?: string): Promise<Message> {
    const jsep = answer === undefined ? {} : { jsep: { type: 'answer', sdp: answer } };
    return this.#ask({ janus: 'message', session_id: this.#id, handle_id: handle, body, ...jsep });
  }

  close(): void {
    this.#socket.terminate();
  }

  async #ask(fields: object): Promise<Message> {
    const transaction = `t${this.#next++}`;
    const waiting = Promise.withResolvers<Message>();
    this.#waiting.set(transaction, waiting);
    this.#socket.send(JSON.stringify({ ...fields, transaction }));
    const message = await waiting.promise;
    const why = message.error?.reason ?? message.plugindata?.data.error;
    if (why !== undefined) throw new BelfryError('bench.refused', why);
    return message;
  }

  #take(message: Message): void {
    if (message.janus === 'ack' || message.transaction === undefined) return;
    this.#waiting.get(message.transaction)?.resolve(message);
    this.#waiting.delete(message.transaction);
  }

  #fail(why: string): void {
    for (const { reject } of this.#waiting.values()) reject(new BelfryError('bench.no-server', why));
    this.#waiting.clear();
  }
}

const connected = async (port: number): Promise<WebSocket> => {
  for (let i = 0; i < TRIES; i++) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, 'janus-protocol');
    const opened = once(socket, 'open').then(
      () => true,
      () => false,
    );
    if (await opened) return socket;
    await sleep(TRY_AGAIN_MS);
  }
  throw new BelfryError('bench.no-server', 'janus does not listen');
};
