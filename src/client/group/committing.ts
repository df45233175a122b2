import type { Bytes } from '../../base/bytes.ts';
import type { ParticipantId } from '../../base/ids.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import type { Group, GroupKeyAgreement, Judge, OwnCommit } from '../../e2ee/mls/port.ts';
import type { Blobs } from './blobs.ts';
import { MAX_KEY_PACKAGE_BYTES } from './limits.ts';
import { byLeaf, type ParticipantOf } from './people.ts';
import type { Blob, GroupHeard } from './service.ts';

type Asked = Pick<Extract<GroupHeard, { kind: 'ask-commit' }>, 'add' | 'remove'>;

/** Somebody whom the service wants in, with the key package that it gave. */
interface Joiner {
  readonly participant: ParticipantId;
  readonly keyPackage: Bytes;
}

/** Somebody who is not added, and why: the others are. */
export interface LeftOut {
  readonly participant: ParticipantId;
  readonly refusal: Refusal;
}

interface Prepared {
  /** `undefined` where nothing was left to do. */
  readonly commit: OwnCommit | undefined;
  readonly joiners: readonly ParticipantId[];
  readonly leftOut: readonly LeftOut[];
}

export interface CommitterTools {
  readonly agreement: GroupKeyAgreement;
  readonly judge: Judge;
  readonly participantOf: ParticipantOf;
  /** Whether somebody who is known may be in the meeting, as this client judges now. */
  readonly isWelcome: (participant: ParticipantId) => boolean;
  readonly blobs: Blobs;
}

/** Makes the commit that the service asks for, of what this member finds good: one bad joiner keeps nobody else out. */
export const prepare = async (
  group: Group,
  asked: Asked,
  tools: CommitterTools,
): Promise<Result<Prepared>> => {
  const leftOut: LeftOut[] = [];
  const joiners = await joinersOf(asked, tools, leftOut);
  const remove = leavesOf(group, asked, tools);
  const isEmpty = joiners.length === 0 && asked.remove.length === 0 && asked.add.size > 0;
  if (isEmpty) return ok({ commit: undefined, joiners: [], leftOut });
  const whole = await commitTo(group, joiners, remove, tools);
  if (whole.ok || joiners.length === 0) return prepared(whole, joiners, leftOut);
  const good = await acceptable(group, joiners, remove, tools, leftOut);
  if (good.length === 0 && asked.remove.length === 0) return ok({ commit: undefined, joiners: [], leftOut });
  return prepared(await commitTo(group, good, remove, tools), good, leftOut);
};

const prepared = (
  commit: Result<OwnCommit>,
  joiners: readonly Joiner[],
  leftOut: readonly LeftOut[],
): Result<Prepared> =>
  commit.ok
    ? ok({ commit: commit.value, joiners: joiners.map(({ participant }) => participant), leftOut })
    : commit;

const commitTo = (
  group: Group,
  joiners: readonly Joiner[],
  remove: readonly number[],
  { judge }: CommitterTools,
): Promise<Result<OwnCommit>> =>
  group.commit({ add: joiners.map(({ keyPackage }) => keyPackage), remove }, judge);

/**
 * Those that the tree has; of others the service is told that they are out, which they are. And whoever may be here no longer: a
 * committer before this one may have said that it removed them, and not have done so.
 */
const leavesOf = (
  group: Group,
  { remove }: Asked,
  { participantOf, isWelcome }: CommitterTools,
): number[] => {
  const gone = new Set(remove);
  return [...byLeaf(group.members(), participantOf)].flatMap(([leaf, one]) =>
    gone.has(one) || !isWelcome(one) ? [leaf] : [],
  );
};

const joinersOf = async (
  { add }: Asked,
  tools: CommitterTools,
  leftOut: LeftOut[],
): Promise<readonly Joiner[]> => {
  const read = await Promise.all(
    [...add].map(async ([participant, blob]) => ({
      participant,
      got: await readJoiner(participant, blob, tools),
    })),
  );
  return read.flatMap(({ participant, got }) => {
    if (got.ok) return [{ participant, keyPackage: got.value }];
    leftOut.push({ participant, refusal: got.refusal });
    return [];
  });
};

/** The service may say that somebody's key package is another's. */
const readJoiner = async (
  participant: ParticipantId,
  blob: Blob,
  { blobs, agreement, participantOf, isWelcome }: CommitterTools,
): Promise<Result<Bytes>> => {
  const bytes = await blobs.get(blob, MAX_KEY_PACKAGE_BYTES);
  if (!bytes.ok) return bytes;
  const candidate = await agreement.candidate(bytes.value);
  if (!candidate.ok) return candidate;
  if (participantOf(candidate.value) !== participant)
    return refuse('group.swapped-key-package', 'the key package is not of the one whom the relay names');
  return isWelcome(participant) ? bytes : NOT_WELCOME;
};

const NOT_WELCOME = refuse('group.not-welcome', 'whom the relay names may no longer be in the meeting');

/** Only where the whole was refused: one try for each says who it is. */
const acceptable = async (
  group: Group,
  joiners: readonly Joiner[],
  remove: readonly number[],
  tools: CommitterTools,
  leftOut: LeftOut[],
): Promise<readonly Joiner[]> => {
  const good: Joiner[] = [];
  for (const joiner of joiners) {
    const tried = await commitTo(group, [joiner], remove, tools);
    if (tried.ok) good.push(joiner);
    else leftOut.push({ participant: joiner.participant, refusal: tried.refusal });
  }
  return good;
};

export interface Uploaded {
  readonly commit: Blob;
  readonly tree: Blob | undefined;
  readonly welcomes: ReadonlyMap<ParticipantId, Blob>;
}

/** What many fetch once each goes where they can, by its hash. */
export const upload = async (
  commit: OwnCommit,
  joiners: readonly ParticipantId[],
  blobs: Blobs,
): Promise<Result<Uploaded>> => {
  const message = await blobs.put(commit.message);
  if (!message.ok) return message;
  const welcomes = new Map<ParticipantId, Blob>();
  for (const [i, participant] of joiners.entries()) {
    const welcome = await blobs.put(commit.welcomes[i] ?? new Uint8Array());
    if (!welcome.ok) return welcome;
    welcomes.set(participant, welcome.value);
  }
  const tree = joiners.length === 0 ? undefined : await blobs.put(commit.tree);
  if (tree !== undefined && !tree.ok) return tree;
  return ok({ commit: message.value, welcomes, tree: tree?.value });
};
