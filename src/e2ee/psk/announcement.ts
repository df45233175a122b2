import type { Bytes } from '../../base/bytes.ts';
import type { RandomBytes } from '../../base/clock.ts';
import type { MeetingId } from '../../base/ids.ts';
import type { Result } from '../../base/result.ts';

/** What a participant says of itself to the others. Strings are unpadded base64url. */
export interface JoinAnnouncement {
  readonly salt: string;
  readonly number: number;
  readonly sealed: string;
}

export interface JoinDetails {
  /** 32 bytes, shared by everybody in the meeting, never seen by the relay. */
  readonly secret: Bytes;
  readonly meeting: MeetingId;
  /** 0 to 2^20 - 1, the relay refuses one that is taken. */
  readonly number: number;
  /** At most 64 bytes of UTF-8. */
  readonly name: string;
  /** The salt is drawn inside: one salt must never serve two announcements. */
  readonly random: RandomBytes;
}

/** `baseKey`: what the sender hands to `FrameKeys.useOwnKey`, together with its number. */
export interface OwnJoin {
  readonly announcement: JoinAnnouncement;
  readonly baseKey: Bytes;
}

export const createAnnouncement = (_join: JoinDetails): Result<OwnJoin> => {
  throw new Error('not implemented yet');
};

export interface ReceivedAnnouncement {
  readonly secret: Bytes;
  readonly meeting: MeetingId;
  readonly announcement: JoinAnnouncement;
}

/** `baseKey`: for `FrameKeys.addSender`, together with the announcement's number. */
export interface OpenedJoin {
  readonly name: string;
  readonly baseKey: Bytes;
}

export const openAnnouncement = (_received: ReceivedAnnouncement): Result<OpenedJoin> => {
  throw new Error('not implemented yet');
};
