/** A member looks so often whether something that it waits for is late. */
export const LOOK_EVERY_MS = 1_000;
/** And asks so often whether it missed a commit: 200 members make 67 small questions a second; less is noticed later. */
export const ASK_EVERY_MS = 3_000;
/** What is waited for before entering anew: each costs all members a commit, and a person some seconds of silence. */
export const PATIENCE_MS = 8_000;
/** Between two attempts to enter, whatever went wrong: a member in trouble must not keep the others busy. */
export const ENTER_PAUSE_MS = 2_000;
/** Well below the second after which the service takes a committer for silent. */
export const WORKING_EVERY_MS = 500;

/** Loading the worker's files, from this machine or over a slow network. */
export const STARTED_WITHIN_MS = 15_000;
/** From entering to the first frame that can be sealed: three attempts to enter, and a person who looks at a waiting page. */
export const SEALING_WITHIN_MS = 30_000;

/** What is said to one member while it computes; more means that it is hopelessly late, and it enters anew. */
export const MAX_QUEUE = 256;
/** A tree of 1024 leaves with X-Wing is 3 MB. */
export const MAX_BLOB_BYTES = 4 << 20;
/** A key package with two certificates of 4 KB and X-Wing's keys; the rest is room. */
export const MAX_KEY_PACKAGE_BYTES = 32 << 10;
export const BLOB_DEADLINE_MS = 3_000;
export const BLOB_TRIES = 3;
export const BLOB_PAUSE_MS = 200;
/** Of the people whom one commit adds; the service asks for 64. */
export const MAX_ADDED = 128;
/** Of the people whom one commit removes, or who are named as ready at once. */
export const MAX_NAMED = 1_024;
/** Commits that the service keeps for those who missed them, with room. */
export const MAX_MISSED = 64;
export const MAX_REASON_CHARS = 4_096;
/** A commit, and the one that a removal replaced it by. */
export const MAX_PENDING = 2;
/** A relay has keys changed once an hour. Said between 70 and 75 minutes: some silent committers are no reason yet. */
export const KEYS_AGE_STEP_MS = 5 * 60_000;
export const KEYS_OLD_STEPS = 15;
/** How long nothing may be sent because of somebody who is out, before a person hears of it: removals take far less. */
export const HELD_BACK_SAID_MS = 3_000;
/**
 * How long nothing may be sent before an epoch without somebody who is out is asked for: the service has asked some committers by
 * then. Longer is silence that a committer who lies can make.
 */
export const HELD_BACK_ASKS_MS = 8_000;
/** And how long until it is asked for again. Shorter than the pause that the service makes would be in vain. */
export const NEEDS_EPOCH_EVERY_MS = 8_000;
