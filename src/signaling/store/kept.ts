import type { Bytes } from '../../base/bytes.ts';
import type { MeetingId } from '../../base/ids.ts';
import type { SeenList } from '../../trust/revocation/list.ts';
import type { StatementDigest } from '../../trust/statement/statement.ts';

/** A meeting that is open, as it must be there again after a restart. */
export interface StoredMeeting {
  readonly id: MeetingId;
  /** The signed charter as it travels. Nothing here reads it. */
  readonly charter: Bytes;
  readonly charterDigest: StatementDigest;
  /** Sealed by a client to those who are invited. A title in clear has no place here. */
  readonly sealedTitle: Bytes | undefined;
  readonly createdUnixMs: number;
}

/** The next of a meeting's chain. Nothing here reads them. */
export interface NewEntries {
  readonly meeting: MeetingId;
  /** The number of the first. */
  readonly n: number;
  readonly texts: readonly string[];
  /** Each takes somebody out, or ends the meeting: there is room for these where there is none for others. */
  readonly isRemoval: boolean;
}

/** What may be used once: a challenge that was answered, a code that was redeemed. */
export interface OneTime {
  readonly kind: 'nonce' | 'code';
  /** The nonce itself, a code by its digest. */
  readonly id: string;
  /** Nobody accepts it from then on: it must be known as used until then and no longer. */
  readonly untilUnixMs: number;
}

/** The newest list of revocations of one authority. Another authority counts its lists anew. */
export interface KeptList extends SeenList {
  /** SHA-256 of its root. */
  readonly root: string;
}

export type StoreCode =
  /** As many as may be kept of this sort. */
  | 'store.full'
  /** Nothing was promised: what was to be written may be there after a restart, and need not. */
  | 'store.unwritable'
  | 'meeting.exists'
  | 'meeting.unknown'
  | 'once.used'
  /** It ended before the newest that was forgotten: it may have been used. */
  | 'once.over'
  | 'revocation.older'
  | 'revocation.two-of-one-number';
