import type { ParticipantId } from '../../base/ids.ts';
import { MAX_ADDED, MAX_BLOB_BYTES, MAX_MISSED, MAX_NAMED, MAX_REASON_CHARS } from './limits.ts';
import type { Blob, GroupHeard, PastCommit } from './service.ts';

const HASH = /^[A-Za-z0-9_-]{43}$/;

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
const isHash = (hash: string | undefined): boolean => hash === undefined || HASH.test(hash);
const isBlob = ({ hash, bytes }: Blob): boolean =>
  HASH.test(hash) && isCount(bytes) && bytes <= MAX_BLOB_BYTES;
const isPast = ({ epoch, commit }: PastCommit): boolean => isCount(epoch) && isBlob(commit);
const areMissed = (missed: readonly PastCommit[]): boolean =>
  missed.length <= MAX_MISSED && missed.every(isPast);
const areAdded = (add: ReadonlyMap<ParticipantId, Blob>): boolean =>
  add.size <= MAX_ADDED && [...add.values()].every(isBlob);
const isWhere = ({ generation, epoch }: { generation: number; epoch: number }): boolean =>
  isCount(generation) && isCount(epoch);

type Checks = {
  readonly [Kind in GroupHeard['kind']]: (message: Extract<GroupHeard, { kind: Kind }>) => boolean;
};

const CHECKS: Checks = {
  connected: () => true,
  'ask-create': ({ generation }) => isCount(generation),
  'ask-commit': (asked) => isWhere(asked) && areAdded(asked.add) && asked.remove.length <= MAX_NAMED,
  commit: ({ generation, past }) => isCount(generation) && isPast(past),
  welcome: (message) => isWhere(message) && isBlob(message.welcome) && isBlob(message.tree),
  accepted: ({ epoch, commit }) => isCount(epoch) && isHash(commit),
  refused: ({ missed, commit }) => areMissed(missed) && isHash(commit),
  'caught-up': ({ missed }) => areMissed(missed),
  rejected: ({ epoch, reason }) => isCount(epoch) && reason.length <= MAX_REASON_CHARS,
  reopened: ({ epoch }) => isCount(epoch),
  ready: (message) => isWhere(message) && HASH.test(message.digest) && message.from.length <= MAX_NAMED,
};

/** What has not even the parts that are looked at is malformed too. */
const holds = (check: () => boolean): boolean => {
  try {
    return check();
  } catch {
    return false;
  }
};

/** Why a message is not looked at; the types were checked where it was decoded, and what they cannot say is checked here. */
export const boundsFault = (message: GroupHeard): 'group.unknown-message' | 'group.malformed' | undefined => {
  if (!Object.hasOwn(CHECKS, message.kind)) return 'group.unknown-message';
  // The table's type pairs each kind with its own message; a lookup by a union cannot show that to the compiler.
  const check = CHECKS[message.kind] as (message: GroupHeard) => boolean;
  return holds(() => check(message)) ? undefined : 'group.malformed';
};
