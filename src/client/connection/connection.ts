import type { Clock, RandomBytes } from '../../base/clock.ts';
import { Emitter } from '../../base/emitter.ts';
import type { SessionId } from '../../base/ids.ts';
import { type Refusal, type Result, refuse } from '../../base/result.ts';
import {
  PROTOCOL_VERSION,
  type ReplyOf,
  type RequestKind,
  type RequestOf,
  type ServerEvent,
} from '../../signaling/protocol/messages.ts';
import type { Envelope } from '../../trust/statement/statement.ts';
import { AckTimer } from './acks.ts';
import { aftermathOf } from './closing.ts';
import { decodeReply, type ServerMessage } from './decode.ts';
import { Outage } from './outage.ts';
import { type PendingRequest, PendingRequests } from './pending.ts';
import { arrivalOf } from './sequence.ts';
import type { OpenSocket } from './socket.ts';
import { Wire } from './wire.ts';

/** The longest wait for one answer, reconnects included: what asked must go on at some time. */
export const ANSWER_WITHIN_MS = 30_000;

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  | { readonly kind: 'waiting'; readonly attempt: number; readonly retryInMs: number; readonly why: Refusal }
  /** The end. `why` is `undefined` where this side closed. */
  | { readonly kind: 'closed'; readonly why: Refusal | undefined };

export type ConnectionEvent =
  | { readonly kind: 'state'; readonly state: ConnectionState }
  | { readonly kind: 'server-event'; readonly event: ServerEvent }
  /** The server ended the session. Unanswered requests were refused with `session.lost`; a fresh session is sought. */
  | { readonly kind: 'session-lost' };

export interface ConnectionOptions {
  readonly url: string;
  readonly openSocket: OpenSocket;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly onListenerError: (error: unknown) => void;
  /** A device's proof that the session's secret is in its own hands; `undefined` where it cannot give one. */
  readonly proveResume?: ((session: SessionId, secret: string) => Promise<Envelope | undefined>) | undefined;
}

export type RequestFields<Kind extends RequestKind> = Omit<RequestOf<Kind>, 'id' | 'ack' | 'kind'>;

interface Session {
  readonly session: SessionId;
  readonly secret: string;
}

type MessageOf<Kind extends ServerMessage['kind']> = Extract<ServerMessage, { kind: Kind }>;

/** Ids rise within a session, and its requests may be asked for before it opens: its hello has the lowest. */
const FRESH_HELLO_ID = 1;

const SESSION_LOST: Refusal = {
  code: 'session.lost',
  message: 'the server no longer knows this session',
};

/**
 * The belfry.v1 client: one session over as many sockets as it takes. Requests are answered once, whatever the network
 * does; events arrive in order and once. Nothing that the server sends is trusted to be well formed.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #events: Emitter<ConnectionEvent>;
  readonly #pending = new PendingRequests();
  readonly #acks: AckTimer;
  readonly #outage: Outage;
  #state: ConnectionState = { kind: 'connecting' };
  #wire: Wire | undefined;
  #session: Session | undefined;
  /** The id of the `hello` that waits for its answer; 0, which no request has, where none does. */
  #helloId = 0;
  #lastId = FRESH_HELLO_ID;
  #received = 0;
  #cancelRetry: () => void = () => {};

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#events = new Emitter(options.onListenerError);
    this.#acks = new AckTimer(options.clock, () => this.#wire?.send({ kind: 'ack', ack: this.#received }));
    this.#outage = new Outage(options.clock.nowMs());
    this.#dial();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  onEvent(listener: (event: ConnectionEvent) => void): () => void {
    return this.#events.on(listener);
  }

  /**
   * Settles with the server's answer. Refusals beside the server's own: `session.lost`, `connection.closed`,
   * `connection.busy` (too many in flight), `connection.no-answer`.
   */
  request<Kind extends RequestKind>(kind: Kind, fields: RequestFields<Kind>): Promise<Result<ReplyOf<Kind>>> {
    if (this.#isClosed()) return Promise.resolve(refuse('connection.closed', 'already closed'));
    if (this.#pending.isFull)
      return Promise.resolve(refuse('connection.busy', 'too many requests await their answer'));
    return new Promise((resolve) => {
      this.#enqueue(kind, fields, (outcome) => resolve(this.#checked(kind, outcome)));
    });
  }

  /** The session that requests go to now; `undefined` while there is none. */
  get session(): SessionId | undefined {
    return this.#session?.session;
  }

  /** The answer to `kind` comes when a person decides: it has no deadline any more. */
  waitOn(kind: RequestKind): void {
    this.#pending.waitOn(kind);
  }

  /** Ends it for good; what waits for an answer is refused. */
  close(): void {
    this.#end(undefined);
  }

  #enqueue(kind: RequestKind, fields: PendingRequest['fields'], settle: PendingRequest['settle']): void {
    const id = ++this.#lastId;
    const cancel = this.#options.clock.after(ANSWER_WITHIN_MS, () =>
      this.#pending.take(id)?.settle(refuse('connection.no-answer', `no answer to ${kind} in time`)),
    );
    const request = {
      id,
      kind,
      fields,
      settle: (outcome: Result<unknown>) => {
        cancel();
        settle(outcome);
      },
      waitOn: cancel,
    };
    this.#pending.add(request);
    if (this.#state.kind === 'open') this.#sendRequest(request);
  }

  #checked<Kind extends RequestKind>(kind: Kind, outcome: Result<unknown>): Result<ReplyOf<Kind>> {
    if (!outcome.ok) return outcome;
    const body = decodeReply(kind, outcome.value);
    if (!body.ok) this.#end(body.refusal);
    return body;
  }

  #sendRequest({ id, kind, fields }: PendingRequest): void {
    this.#acks.clear();
    this.#wire?.send({ id, kind, ...fields, ack: this.#received });
  }

  #dial(): void {
    this.#setState({ kind: 'connecting' });
    if (this.#isClosed()) return;
    const { url, openSocket, clock } = this.#options;
    const wire = new Wire(url, openSocket, clock, {
      onOpen: () => void this.#introduce(wire),
      onMessage: (message) => this.#onMessage(message),
      onDown: (why) => this.#onDown(why),
    });
    this.#wire = wire;
  }

  /** A proof takes its time: by then the socket may be gone, and another one under way. The wire's deadline holds. */
  async #introduce(wire: Wire): Promise<void> {
    const { proveResume } = this.#options;
    const session = this.#session;
    if (session === undefined || proveResume === undefined) {
      this.#sayHello();
      return;
    }
    // A device that cannot sign is refused like one that does not.
    const proof = await proveResume(session.session, session.secret).catch(() => undefined);
    if (this.#wire === wire && this.#session === session) this.#sayHello(proof);
  }

  #sayHello(proof?: Envelope): void {
    this.#helloId = this.#session === undefined ? FRESH_HELLO_ID : ++this.#lastId;
    const resume = this.#session && {
      ...this.#session,
      received: this.#received,
      ...(proof && { proof }),
    };
    this.#wire?.send({
      id: this.#helloId,
      kind: 'hello',
      version: PROTOCOL_VERSION,
      ...(resume && { resume }),
    });
  }

  #onMessage(message: ServerMessage): void {
    if (message.kind === 'heartbeat') return;
    if (message.kind === 'reply' && message.re === this.#helloId) this.#onHelloReply(message);
    else if (this.#accept(message.seq)) this.#deliver(message);
  }

  #deliver(message: MessageOf<'reply' | 'event'>): void {
    if (message.kind === 'reply') this.#pending.take(message.re)?.settle(message.outcome);
    else this.#events.emit({ kind: 'server-event', event: message.event });
  }

  /** Whether the message with this number is the next one; a gap drops the socket, for the resume to fill it. */
  #accept(seq: number): boolean {
    const arrival = arrivalOf(this.#received, seq);
    if (arrival === 'gap') this.#drop({ code: 'protocol.gap', message: 'the server left out a message' });
    if (arrival !== 'next') return false;
    this.#received = seq;
    this.#acks.onReceived();
    return true;
  }

  #onHelloReply({ seq, outcome }: MessageOf<'reply'>): void {
    this.#helloId = 0;
    const hello = outcome.ok ? decodeReply('hello', outcome.value) : outcome;
    if (hello.ok) this.#onHello(seq, hello.value);
    else this.#end(hello.refusal);
  }

  #onHello(seq: number, { session, secret, resumed, heartbeatMs }: ReplyOf<'hello'>): void {
    if (!resumed) this.#forgetSession();
    if (this.#isClosed() || !this.#accept(seq)) return;
    this.#session = { session, secret };
    this.#wire?.watch(heartbeatMs);
    this.#onOpen();
  }

  #onOpen(): void {
    this.#outage.onOpen(this.#options.clock.nowMs());
    this.#setState({ kind: 'open' });
    for (const request of this.#pending.inOrder()) this.#sendRequest(request);
  }

  /** What was asked in it was for that session; listeners begin anew with requests that wait for the next one. */
  #forgetSession(): void {
    this.#received = 0;
    if (this.#session === undefined) return;
    this.#session = undefined;
    this.#pending.refuseAll(SESSION_LOST);
    this.#events.emit({ kind: 'session-lost' });
  }

  #drop(why: Refusal): void {
    this.#wire?.close();
    this.#onDown(why);
  }

  #onDown(why: Refusal): void {
    this.#wire = undefined;
    this.#acks.clear();
    const aftermath = aftermathOf(why);
    if (aftermath === 'start-anew') this.#forgetSession();
    if (aftermath === 'give-up') this.#end(why);
    else if (!this.#isClosed()) this.#retry(why);
  }

  #retry(why: Refusal): void {
    const { clock, randomBytes } = this.#options;
    const retryInMs = this.#outage.onDown(clock.nowMs(), (randomBytes(1)[0] ?? 0) / 256);
    if (retryInMs === undefined) {
      this.#end(why);
      return;
    }
    this.#setState({ kind: 'waiting', attempt: this.#outage.attempt, retryInMs, why });
    if (!this.#isClosed()) this.#cancelRetry = clock.after(retryInMs, () => this.#dial());
  }

  /** Any listener may have closed it: asked anew after each one ran. */
  #isClosed(): boolean {
    return this.#state.kind === 'closed';
  }

  #end(why: Refusal | undefined): void {
    if (this.#isClosed()) return;
    this.#wire?.close();
    this.#wire = undefined;
    this.#acks.clear();
    this.#cancelRetry();
    this.#setState({ kind: 'closed', why });
    this.#pending.refuseAll(why ?? { code: 'connection.closed', message: 'closed by this side' });
  }

  #setState(state: ConnectionState): void {
    this.#state = state;
    this.#events.emit({ kind: 'state', state });
  }
}
