import { type Bytes, equalBytes, toBase64Url, utf8 } from '../../base/bytes.ts';
import type { Clock, RandomBytes } from '../../base/clock.ts';
import { asId, type SessionId } from '../../base/ids.ts';
import type { Result } from '../../base/result.ts';
import type { CloseCode } from '../protocol/codes.ts';
import { type Encode, encodeReply } from '../protocol/encode.ts';
import { MAX_SERVER_MESSAGE_BYTES } from '../protocol/limits.ts';
import type { RequestOf } from '../protocol/messages.ts';
import type { OutboxLimits } from './outbox.ts';
import type { RequestLogLimits } from './request-log.ts';
import { type Link, newSession, type Session } from './session.ts';
import type { Rate } from './token-bucket.ts';

const ID_BYTES = 16;
/** 256 bits: whoever guesses it takes the participant's place. */
const SECRET_BYTES = 32;

/** Of its outbox: who reads slower than this loses the connection. What is left is for the time that it is away. */
const SLOW_FILL = 0.75;
/** Of its outbox: who is below has caught up, and may be slow once more. Lower asks more of a link that is only slow. */
const CAUGHT_UP_FILL = 0.5;

export interface SessionsLimits extends OutboxLimits, RequestLogLimits {
  readonly maxSessions: number;
  readonly graceMs: number;
  readonly rateInMeeting: Rate;
}

export type SessionEnd = 'connection-lost' | 'removed';
export type ResumeClaim = NonNullable<RequestOf<'hello'>['resume']>;

export interface Resumed {
  readonly session: Session;
  readonly missed: readonly Bytes[];
}

interface SessionsOptions {
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly limits: SessionsLimits;
  readonly onEnd: (session: Session, why: SessionEnd) => void;
  /** A message of so many bytes was to be sent, and may not be. */
  readonly onTooLarge: (bytes: number) => void;
}

/** All sessions, with and without a connection; what is sent to one passes here and is kept until acknowledged. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #all = new Map<SessionId, Session>();
  #opened = 0;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#all.size;
  }

  get(id: SessionId): Session | undefined {
    return this.#all.get(id);
  }

  /** `undefined` where the server holds as many as it may. */
  open(link: Link): Session | undefined {
    const { clock, randomBytes, limits } = this.#options;
    if (this.#all.size >= limits.maxSessions) return undefined;
    const id = asId<SessionId>(toBase64Url(randomBytes(ID_BYTES)));
    const secret = this.#drawSecret();
    const session = newSession({ id, order: ++this.#opened, secret }, limits, link, clock.nowMs());
    this.#all.set(id, session);
    return session;
  }

  /**
   * Moves a session to `link`, which has yet to send `missed`; an older connection that still seems to live is cut.
   * `undefined`, with nothing changed, for any reason to refuse.
   */
  resume(link: Link, claim: ResumeClaim): Resumed | undefined {
    const session = this.#all.get(claim.session);
    const secret = session && provenBy(session, claim);
    const missed = session?.outbox.after(claim.received);
    if (session === undefined || secret === undefined || missed === undefined) return undefined;
    session.secret = secret;
    session.next = undefined;
    this.#moveTo(session, link);
    session.outbox.acknowledge(claim.received);
    return { session, missed };
  }

  /** Whether a claim has the secret of its session: what takes longer to check is not begun without. */
  hasSecret(claim: ResumeClaim): boolean {
    const session = this.#all.get(claim.session);
    return session !== undefined && provenBy(session, claim) !== undefined;
  }

  /** Sends a message that holds the secret for the next resuming, the only one from when the client has it. */
  deliverNextSecret(session: Session, encode: (secret: string) => Encode): void {
    const secret = this.#drawSecret();
    if (this.deliver(session, encode(secret)) !== undefined)
      session.next = { secret, seq: session.outbox.lastSeq };
  }

  #drawSecret(): string {
    return toBase64Url(this.#options.randomBytes(SECRET_BYTES));
  }

  #moveTo(session: Session, link: Link): void {
    const older = session.link;
    session.link = link;
    session.isCatchingUp = true;
    session.lostAtMs = undefined;
    session.cancelGrace();
    older?.cut('connection.superseded');
  }

  /**
   * Sends the next message of a session, now or when it is resumed. Who reads too slowly loses the connection, and gets on
   * resuming what it missed; a session whose outbox is full all the same ends.
   */
  deliver(session: Session, encode: Encode): Bytes | undefined {
    if (!this.#all.has(session.id)) return undefined;
    const encoded = encode(session.outbox.lastSeq + 1);
    if (encoded.length > MAX_SERVER_MESSAGE_BYTES) return this.#endTooLarge(session, encoded.length);
    const message = session.outbox.append(() => encoded);
    if (message === undefined) this.#endFull(session);
    else {
      session.link?.send(message);
      this.#judgeReader(session);
    }
    return message;
  }

  /** A bug of this server, wherever the message was made: the client would refuse it, so it is not sent. */
  #endTooLarge(session: Session, bytes: number): undefined {
    this.#options.onTooLarge(bytes);
    this.end(session, 'removed', 'server.failed');
  }

  /** Who is away was not taken out by anybody. */
  #endFull(session: Session): void {
    this.end(session, session.link === undefined ? 'connection-lost' : 'removed', 'session.outbox-full');
  }

  #judgeReader(session: Session): void {
    const { fill } = session.outbox;
    if (fill < CAUGHT_UP_FILL) session.isCatchingUp = false;
    if (fill >= SLOW_FILL && !session.isCatchingUp) session.link?.cut('connection.slow-reader');
  }

  /** Answers an admitted request; a second answer, and one to a session that is gone, is dropped. */
  answer(session: Session, re: number, result: Result<unknown>): void {
    if (!session.requests.isPending(re)) return;
    const message = this.deliver(session, encodeReply(re, result));
    if (message !== undefined) session.requests.settle(re, message);
  }

  /** The connection `link` is gone. Only a session that has something to lose waits for another. */
  lose(session: Session, link: Link): void {
    if (session.link !== link) return;
    session.link = undefined;
    session.lostAtMs = this.#options.clock.nowMs();
    if (session.membership === undefined) this.end(session, 'connection-lost');
    else this.#startGrace(session);
  }

  #startGrace(session: Session): void {
    const { clock, limits } = this.#options;
    session.cancelGrace = clock.after(limits.graceMs, () => this.end(session, 'connection-lost'));
  }

  /** Ends a session once; `code` closes its connection. */
  end(session: Session, why: SessionEnd, code?: CloseCode): void {
    if (!this.#all.delete(session.id)) return;
    session.cancelGrace();
    const link = session.link;
    session.link = undefined;
    if (code !== undefined) link?.cut(code);
    this.#options.onEnd(session, why);
  }
}

const isSame = (one: string, other: string): boolean => equalBytes(utf8(one), utf8(other));

/**
 * The secret that `claim` proves, `undefined` where it proves none. The one before serves again only while the client has
 * not received the next: its connection broke before the answer came.
 */
const provenBy = ({ secret, next }: Session, claim: ResumeClaim): string | undefined => {
  if (next !== undefined && isSame(claim.secret, next.secret)) return next.secret;
  const isInForce = next === undefined || claim.received < next.seq;
  return isInForce && isSame(claim.secret, secret) ? secret : undefined;
};
