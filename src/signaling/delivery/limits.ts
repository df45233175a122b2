/** Joiners wait so long for others: one commit for all is far cheaper than one each; longer is felt at the door. */
export const BATCH_MS = 250;
/** With X-Wing a commit adding 64 takes 170 to 260 KB: more would make everybody wait for one download. */
export const BATCH_PEOPLE = 64;

/** How long a committer may be silent: a base for the network, and what a larger tree takes to compute. */
export const SILENT_BASE_MS = 1_000;
export const SILENT_PER_MEMBER_MS = 15;
/** How often "still working" counts: a committer that only says so must not hold the meeting up for ever. */
export const MAX_EXTENSIONS = 8;

/** Between turns of members who fill the tree: slow enough to cost nothing, quick enough to be done before the first leave. */
export const PACE_MS = 1_000;
/** Keys that live longer protect more behind one break; shorter costs a commit of everybody. */
export const ROTATE_MS = 3_600_000;

/**
 * An epoch lives so long before somebody's wish ends it: with shorter ones a member could have everybody compute all the time. Clients
 * that are held back ask later than this.
 */
export const RENEW_PAUSE_MS = 5_000;

/** Commits that a member who missed some may still fetch: more is cheaper by remove-and-add. */
export const MAX_HISTORY = 32;
/** Bytes of those: a member could fill the relay with large ones. At least the newest is kept. */
export const MAX_HISTORY_BYTES = 16 << 20;
/** Commits of one member that the others refused, before that member is removed: one may be an accident. */
export const MAX_OFFENCES = 2;

export const silentAfterMs = (members: number): number => SILENT_BASE_MS + SILENT_PER_MEMBER_MS * members;

/**
 * As many as are left in a group wait for so long to be let in again before they begin one of their own: the others enter it when they
 * speak again. Shorter, and a device that slept for a moment costs everybody the group; longer is a closed door. Some committers may be
 * silent meanwhile, or have several batches to add.
 */
const HOPELESS_BASE_MS = 10_000;
const HOPELESS_TURNS = 4;
export const hopelessAfterMs = (members: number): number =>
  HOPELESS_BASE_MS + HOPELESS_TURNS * silentAfterMs(members);
