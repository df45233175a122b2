import { setImmediate as turn } from 'node:timers/promises';
import { createGroup } from 'ts-mls';
import { systemClock } from '../../src/base/platform.ts';
import type { Result } from '../../src/base/result.ts';
import type { LeafOwner } from '../../src/client/group/tools.ts';
import { nodeGroupTools } from '../../src/client/node/group-tools.ts';
import { makeCommit } from '../../src/e2ee/mls/commit.ts';
import { contextExtension, groupIdOf } from '../../src/e2ee/mls/context.ts';
import { nodeMlsCrypto } from '../../src/e2ee/mls/crypto/node.ts';
import { deviceSigner, verifyDevice } from '../../src/e2ee/mls/device-signatures.ts';
import { groupFrom } from '../../src/e2ee/mls/group.ts';
import { turned } from '../../src/e2ee/mls/hall.ts';
import type { Joined } from '../../src/e2ee/mls/join.ts';
import { encodeKeyPackage, makeKeyPackage, type OwnKeyPackage } from '../../src/e2ee/mls/key-packages.ts';
import { CLIENT_CONFIG, type Tools } from '../../src/e2ee/mls/library.ts';
import type { Change, Group, MeetingContext } from '../../src/e2ee/mls/port.ts';

export const certain = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.refusal.code}: ${result.refusal.message}`);
  return result.value;
};

export const agreementOf = async (owner: LeafOwner) =>
  (await nodeGroupTools(systemClock).startAgreement(owner)).agreement;

/** Leaves that one commit adds: few enough that the paths renewed next are not sealed to hundreds one by one. */
const ADDED_AT_ONCE = 32;

export const chunksOf = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));

/** The paths of every second leaf fill the whole tree. */
const pairsOf = <T>(all: readonly T[]): T[][] => chunksOf(all, 2);

/** Chunks come by a commit each, every pair renews a path, and the founder does so at the end. */
export const epochsToFill = (others: number): number =>
  others === 0 ? 0 : Math.ceil(others / ADDED_AT_ONCE) + Math.ceil(others / 2) + 1;

interface Leaf {
  readonly index: number;
  readonly tools: Tools;
  readonly own: OwnKeyPackage;
}

const toolsOf = async ({ suite, signing, publicKey }: LeafOwner): Promise<Tools> => {
  const library = await nodeMlsCrypto(suite);
  const signer = deviceSigner(signing.privateKey, publicKey);
  const sign = (_: Uint8Array, message: Uint8Array) => signer.sign(message);
  const signature = { ...library.signature, verify: verifyDevice, sign };
  return { suite, signer, clock: systemClock, crypto: { ...library, signature } };
};

const leafOf = async (owner: LeafOwner, index: number): Promise<Leaf> => {
  const tools = await toolsOf(owner);
  return { index, tools, own: await makeKeyPackage(tools, owner.certificates) };
};

const founded = async ({ tools, own }: Leaf, context: MeetingContext): Promise<Joined> => {
  const { publicPackage, privatePackage } = own;
  const extensions = [contextExtension(context)];
  const id = groupIdOf(context);
  const state = await createGroup(id, publicPackage, privatePackage, extensions, tools.crypto, CLIENT_CONFIG);
  return { state, hall: await turned([], state, tools) };
};

/** What everybody knows of an epoch, and of the private keys those of one leaf's own: enough to commit with. */
const asLeaf = ({ state, hall }: Joined, { index, own }: Leaf): Joined => {
  const privatePath = { leafIndex: index, privateKeys: { [2 * index]: own.privatePackage.hpkePrivateKey } };
  return { state: { ...state, privatePath }, hall };
};

const committed = async ({ state, hall }: Joined, change: Change, { tools }: Leaf): Promise<Joined> => {
  const made = certain(await makeCommit(state, change, tools, hall));
  // The library computes without a pause: sockets want to be looked at.
  await turn();
  return { state: made.transition.after, hall };
};

/**
 * A group of real leaves in a filled tree, as the device of `founder` sees it. One state goes from hand to hand while it is built:
 * each commit is a real one of its leaf, but nobody verifies it and nobody follows, which is what makes it quick. Whoever joins by
 * the group's next Welcome verifies the whole tree.
 */
export const filledGroup = async (
  founder: LeafOwner,
  others: readonly LeafOwner[],
  context: MeetingContext,
): Promise<Group> => {
  const first = await leafOf(founder, 0);
  let [joined, last] = [await founded(first, context), first];
  const leaves = await Promise.all(others.map((owner, i) => leafOf(owner, i + 1)));
  for (const chunk of chunksOf(leaves, ADDED_AT_ONCE)) {
    const add = chunk.map(({ own }) => encodeKeyPackage(own.publicPackage));
    joined = await committed(joined, { add }, last);
    for (const [leaf] of pairsOf(chunk)) {
      if (leaf === undefined) continue;
      joined = await committed(asLeaf(joined, leaf), {}, leaf);
      last = leaf;
    }
  }
  if (others.length > 0) joined = await committed(asLeaf(joined, first), {}, first);
  return groupFrom(joined, context, first.tools);
};
