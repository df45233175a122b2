import type { Bytes } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { CLOSE_CODES, type CloseCode } from '../protocol/codes.ts';
import { encodeHeartbeat } from '../protocol/encode.ts';
import type { Link, Session } from './session.ts';
import { type Bucket, costOf, fullBucket, type Rate, take } from './token-bucket.ts';

/** A socket as this part sees it; `ws/` makes one of a websocket. */
export interface Connection {
  send(message: Bytes): void;
  ping(): void;
  close(code: CloseCode): void;
  /** Somebody was turned away at the door who came by it. */
  onRefused(): void;
  /** Bytes that wait in this process to be sent. */
  readonly waitingBytes: number;
}

export interface PeerLimits {
  readonly helloMs: number;
  readonly joinMs: number;
  readonly heartbeatMs: number;
  readonly silentMs: number;
  readonly slowReaderBytes: number;
  readonly rateBeforeJoin: Rate;
  readonly rateInMeeting: Rate;
}

export interface PeerOptions {
  readonly clock: Clock;
  readonly limits: PeerLimits;
  /** A whole message within the rate. */
  readonly onMessage: (peer: Peer, bytes: Bytes, binary: boolean) => void;
  /** The connection is over: `code` where the server closed it. */
  readonly onOver: (peer: Peer, code: CloseCode | undefined) => void;
  readonly onSent: (bytes: number) => void;
}

/** One connection's own state: whether it lives, keeps its rate, reads what it is sent and gets anywhere in time. */
export class Peer implements Link {
  session: Session | undefined;
  /** Its hello is being judged. */
  isGreeting = false;
  readonly #connection: Connection;
  readonly #options: PeerOptions;
  readonly #cancelTimers: readonly (() => void)[];
  #isOpen = true;
  #bucket: Bucket;
  #heardAtMs: number;
  /** Since when it has been here, or last was, without a meeting. */
  #idleSinceMs: number;

  constructor(connection: Connection, options: PeerOptions) {
    this.#connection = connection;
    this.#options = options;
    const { clock, limits } = options;
    this.#heardAtMs = this.#idleSinceMs = clock.nowMs();
    this.#bucket = fullBucket(limits.rateBeforeJoin, clock.nowMs());
    this.#cancelTimers = [
      clock.after(limits.helloMs, () => this.#checkHello()),
      clock.every(limits.heartbeatMs, () => this.#beat()),
    ];
  }

  refused(): void {
    this.#connection.onRefused();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  message(bytes: Bytes, binary: boolean): void {
    if (this.#isOpen && this.#spend(costOf(bytes.length))) this.#options.onMessage(this, bytes, binary);
  }

  /** A ws ping or pong of the client. */
  control(): void {
    if (this.#isOpen) this.#spend(1);
  }

  send(message: Bytes): void {
    if (!this.#isOpen) return;
    this.#connection.send(message);
    this.#options.onSent(message.length);
    if (this.#connection.waitingBytes > this.#options.limits.slowReaderBytes)
      this.cut('connection.slow-reader');
  }

  cut(code: CloseCode): void {
    if (!this.#isOpen) return;
    this.#connection.close(code);
    this.#over(code);
  }

  /** The socket closed, by the client's will or by an accident. */
  gone(): void {
    if (this.#isOpen) this.#over(undefined);
  }

  #over(code: CloseCode | undefined): void {
    this.#isOpen = false;
    for (const cancel of this.#cancelTimers) cancel();
    this.#options.onOver(this, code);
  }

  /** Sessions spend from a bucket of their own, so that reconnecting does not refill it. */
  #spend(cost: number): boolean {
    const { clock, limits } = this.#options;
    const nowMs = clock.nowMs();
    this.#heardAtMs = nowMs;
    const session = this.session?.membership?.admitted === true ? this.session : undefined;
    const left =
      session === undefined
        ? take(this.#bucket, limits.rateBeforeJoin, cost, nowMs)
        : take(session.bucket, limits.rateInMeeting, cost, nowMs);
    if (left === undefined) this.cut('rate.exceeded');
    else if (session === undefined) this.#bucket = left;
    else session.bucket = left;
    return left !== undefined;
  }

  #checkHello(): void {
    if (this.session === undefined) this.cut('order.hello-late');
  }

  #beat(): void {
    const { clock, limits } = this.#options;
    const nowMs = clock.nowMs();
    if (this.session?.membership !== undefined) this.#idleSinceMs = nowMs;
    if (nowMs - this.#heardAtMs >= limits.silentMs) this.cut('connection.silent');
    else if (nowMs - this.#idleSinceMs >= limits.joinMs) this.cut('order.join-late');
    else this.#showLife();
  }

  /** The ping makes the client's side answer; scripts in browsers do not see it, so they get a message too. */
  #showLife(): void {
    this.#connection.ping();
    if (this.session !== undefined) this.send(encodeHeartbeat());
  }
}

/** What a close means for the session under the connection. */
export const fateOf = (code: CloseCode | undefined): 'kept' | 'ends' =>
  code === undefined ? 'kept' : CLOSE_CODES[code].session;
