import { setImmediate as turn } from 'node:timers/promises';
import { systemClock } from '../../src/base/platform.ts';
import type { Result } from '../../src/base/result.ts';
import type { LeafOwner } from '../../src/client/group/tools.ts';
import { nodeGroupTools } from '../../src/client/node/group-tools.ts';
import type { Group, Judge, MeetingContext } from '../../src/e2ee/mls/port.ts';

const anybody: Judge = () => undefined;

export const certain = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.refusal.code}: ${result.refusal.message}`);
  return result.value;
};

export const agreementOf = async (owner: LeafOwner) =>
  (await nodeGroupTools(systemClock).startAgreement(owner)).agreement;

/** Owners two by two: the paths of every second leaf fill the whole tree. */
export const pairsOf = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / 2) }, (_, i) => all.slice(2 * i, 2 * i + 2));

/** Each pair comes by one commit and fills its path by another. */
export const epochsToFill = (others: number): number => 2 * Math.ceil(others / 2);

/**
 * A group of real leaves in a filled tree, as the device of `founder` sees it: each pair is added by one commit, the first of
 * it joins and renews its path. Nobody else follows, which is what makes it quick: their leaves are real, their devices are not.
 */
export const filledGroup = async (
  founder: LeafOwner,
  others: readonly LeafOwner[],
  context: MeetingContext,
): Promise<Group> => {
  const group = certain(await (await agreementOf(founder)).create(context));
  for (const pair of pairsOf(others)) {
    await addPair(group, pair);
    // The library computes without a pause: sockets want to be looked at.
    await turn();
  }
  return group;
};

const addPair = async (group: Group, pair: readonly LeafOwner[]): Promise<void> => {
  const agreements = await Promise.all(pair.map(agreementOf));
  const add = await Promise.all(agreements.map((one) => one.keyPackage()));
  const commit = certain(await group.commit({ add }, anybody));
  certain(await group.adopt(commit));
  const [first] = agreements;
  const [welcome] = commit.welcomes;
  if (first === undefined || welcome === undefined) throw new Error('a pair of nobody');
  const joined = certain(await first.join(welcome, commit.tree, group.context, anybody));
  const renewal = certain(await joined.commit({}, anybody));
  certain(await group.adopt(certain(await group.stage(renewal.message, anybody))));
};
