import type { Bytes } from '../../base/bytes.ts';
import type { MeetingId, ParticipantId, SessionId } from '../../base/ids.ts';
import type { PublicKeyInfo } from '../../trust/statement/statement.ts';
import type { Challenge } from '../door/judge.ts';
import type { CloseCode } from '../protocol/codes.ts';
import { Outbox, type OutboxLimits } from './outbox.ts';
import { RequestLog, type RequestLogLimits } from './request-log.ts';
import { type Bucket, fullBucket, type Rate } from './token-bucket.ts';

/** The live connection under a session. Both calls are harmless on one that is closed. */
export interface Link {
  send(message: Bytes): void;
  cut(code: CloseCode): void;
  /** Turned away at the door. */
  refused(): void;
}

export interface Membership {
  readonly meeting: MeetingId;
  readonly participant: ParticipantId;
  /** False while the media room is being entered. */
  readonly admitted: boolean;
}

/** What outlives a connection. Its owner, `Sessions`, changes the fields. */
export interface Session {
  readonly id: SessionId;
  /** The later one was opened, the higher. */
  readonly order: number;
  /** Proves on resuming that the new connection belongs to the one before it. Once the next one has come it proves nothing. */
  secret: string;
  /** What a resumed connection was told, in message `seq`: in force as soon as the client has that. */
  next: { readonly secret: string; readonly seq: number } | undefined;
  readonly outbox: Outbox;
  readonly requests: RequestLog;
  bucket: Bucket;
  membership: Membership | undefined;
  /** What the next proof of possession must sign. */
  challenge: Challenge | undefined;
  /** A request to enter or to convene is being judged. */
  isEntering: boolean;
  /** Before a meeting's door, until the chair says a word: its time to join does not run. */
  isWaiting: boolean;
  /** The key that proves itself on resuming: of a session that entered with a certificate. */
  deviceKey: PublicKeyInfo | undefined;
  link: Link | undefined;
  /** It was resumed, and has not yet acknowledged most of what it missed: for that it gets time. */
  isCatchingUp: boolean;
  /** When its connection was found lost; `undefined` while it has one. */
  lostAtMs: number | undefined;
  /** Ends the wait of a session without a connection. */
  cancelGrace: () => void;
}

export const newSession = (
  identity: Pick<Session, 'id' | 'order' | 'secret'>,
  limits: OutboxLimits & RequestLogLimits & { readonly rateInMeeting: Rate },
  link: Link,
  nowMs: number,
): Session => ({
  ...identity,
  next: undefined,
  outbox: new Outbox(limits),
  requests: new RequestLog(limits),
  bucket: fullBucket(limits.rateInMeeting, nowMs),
  membership: undefined,
  challenge: undefined,
  isEntering: false,
  isWaiting: false,
  deviceKey: undefined,
  link,
  isCatchingUp: false,
  lostAtMs: undefined,
  cancelGrace() {},
});
