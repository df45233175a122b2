import type { Rate } from '../session/token-bucket.ts';

/** All who become ready in so long are told of at once: singly N members were N messages for each of N. Each switch of keys waits for it. */
export const READY_BATCH_MS = 60;

/**
 * Frames under the epoch before are on their way for so long after their sender said that it is ready for the next: the second
 * within which it switches, and as much again. Longer takes more from who seals under keys that others have forgotten.
 */
export const PAST_SENDER_MS = 2_000;
/** Numbers that one participant's frames may carry at once: as many epochs as receivers hold. */
export const MAX_EXPECTED = 8;

/**
 * What one participant may say of those words that cost everybody something; of all others the session's own rate is enough.
 * A key package leads to a commit, and clients wait two seconds between two of theirs.
 */
export const ENTER_RATE: Rate = { burst: 8, perSecond: 0.5 };
/** One for each epoch, of which a group that settles each has three a second at most; told to all in batches. */
export const READY_RATE: Rate = { burst: 32, perSecond: 8 };
/** One in three seconds is usual; each goes to all others. */
export const HEARTBEAT_RATE: Rate = { burst: 8, perSecond: 1 };

/** At entering, and after many removals; each goes to all others. */
export const CARD_RATE: Rate = { burst: 8, perSecond: 0.5 };
/** A person types it, and a removal has it sealed anew. */
export const TITLE_RATE: Rate = { burst: 8, perSecond: 1 };

/** A tree of 1024 leaves with X-Wing is 3 MB. The protocol has the same bound. */
export const MAX_BLOB_BYTES = 4 << 20;
/** What one participant may have lying here: a commit that adds 128 and the one that replaces it, with their trees. */
export const MAX_OWN_BYTES = 24 << 20;
export const MAX_OWN_BLOBS = 512;
/** Of its bodies that are still arriving: two of the largest. */
export const MAX_ARRIVING_BYTES = 2 * MAX_BLOB_BYTES;
/** Of a meeting: 500 key packages, 32 commits and some trees are a third of it. */
export const MAX_MEETING_BYTES = 128 << 20;
/** Of all meetings together: what the process may lose to them. */
export const MAX_ALL_BYTES = 1 << 30;
/** What was brought and not named by then is forgotten: a committer on a slow link brings for some seconds before it names. */
export const LOOSE_MS = 90_000;
/** Whoever has not joined by a Welcome in that time has entered anew long since. */
export const WELCOME_MS = 60_000;
/** How often what is over is looked for: memory is held so much longer at most. */
export const SWEEP_EVERY_MS = 15_000;
/** Bytes that one participant fetches: 15 of the largest blobs at once, then one each two seconds. */
export const FETCH_RATE: Rate = { burst: 60 << 20, perSecond: 2 << 20 };
