/** What a store bounds. The sum of the others fits into `maxBytes`, so that no sort takes the room of another. */
export interface StoreLimits {
  /** Each costs its charter. */
  readonly maxOpenMeetings: number;
  /** Kept for good, at some 100 bytes each: whoever has an old charter must not open its meeting again. */
  readonly maxEndedMeetings: number;
  /** Far more than expire between two sweeps. Each is counted anew, and swept at once: more would hold up everything. */
  readonly maxOneTimes: number;
  /** Days of a large meeting. Each is played again after a restart, a millisecond or two for each act. */
  readonly maxEntriesPerMeeting: number;
  readonly maxEntryBytesPerMeeting: number;
  /** Of all meetings together. */
  readonly maxEntryBytes: number;
  /** Beyond, and for removals alone: each takes one out of those who are in or wait, and beyond nobody comes in. */
  readonly removalEntries: number;
  readonly removalBytes: number;
  /** Whose lists were seen. One after the other: an authority is replaced when its root ends or was lost. */
  readonly maxAuthorities: number;
  /** Of the file; the log beside it adds at most what one checkpoint left. */
  readonly maxBytes: number;
}

export const DEFAULT_STORE_LIMITS: StoreLimits = {
  maxOpenMeetings: 1_024,
  maxEndedMeetings: 1_000_000,
  maxOneTimes: 50_000,
  maxEntriesPerMeeting: 16_384,
  maxEntryBytesPerMeeting: 16_777_216,
  maxEntryBytes: 1_073_741_824,
  removalEntries: 2_048,
  removalBytes: 4_194_304,
  maxAuthorities: 64,
  maxBytes: 2_147_483_648,
};

/** A charter's largest signed text in base64url (`CHARTER.maxBytes`), its signature, and what names them. */
export const MAX_CHARTER_BYTES = 196_608;
/** A line of text, its seal, and the key wrapped for a few keys. */
export const MAX_SEALED_TITLE_BYTES = 4_096;
