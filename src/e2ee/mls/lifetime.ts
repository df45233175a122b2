import type { ClientState, KeyPackage, LeafNode, Lifetime } from 'ts-mls';
import { equalBytes } from '../../base/bytes.ts';
import { type Refusal, refuse } from '../../base/result.ts';

/**
 * A key package is asked for when somebody joins, and a leaf outlives it by its first update: a day is more than a
 * meeting takes, and a stolen package is worth nothing tomorrow.
 */
const LIFETIME_S = 24 * 3600;
/** How far clocks of one deployment may be apart. */
const SKEW_S = 300;

export const lifetimeFrom = (unixMs: number): Lifetime => {
  const nowS = Math.floor(unixMs / 1000);
  return { notBefore: BigInt(nowS - SKEW_S), notAfter: BigInt(nowS + LIFETIME_S) };
};

const isEndless = ({ notBefore, notAfter }: Lifetime): boolean =>
  notAfter - notBefore > BigInt(LIFETIME_S + SKEW_S);

const lifetimeFault = (leaf: LeafNode, unixMs: number): string | undefined => {
  if (leaf.leafNodeSource !== 'key_package') return undefined;
  const { notBefore, notAfter } = leaf.lifetime;
  const nowS = BigInt(Math.floor(unixMs / 1000));
  if (isEndless(leaf.lifetime)) return 'is valid for longer than a day';
  if (nowS + BigInt(SKEW_S) < notBefore) return 'is not valid yet';
  return nowS > notAfter ? 'has expired' : undefined;
};

const REMEDY = 'ask for a fresh key package, and compare the clocks of both devices';

/** Of one key package, before it is added. */
export const expired = ({ leafNode }: KeyPackage, unixMs: number): Refusal | undefined => {
  const fault = lifetimeFault(leafNode, unixMs);
  return fault === undefined ? undefined : refuse('mls.lifetime', `a key package ${fault}`, REMEDY).refusal;
};

type Tree = ClientState['ratchetTree'];

const leafAt = (tree: Tree | undefined, at: number): LeafNode | undefined => {
  const node = tree?.[at];
  return node?.nodeType === 'leaf' ? node.leaf : undefined;
};

/** RFC 9420 section 7.3: a key package has to be in its time when it is added. */
const leafFault = (before: Tree | undefined, after: Tree, at: number, unixMs: number): string | undefined => {
  const [old, leaf] = [leafAt(before, at), leafAt(after, at)];
  if (leaf?.leafNodeSource !== 'key_package') return undefined;
  const wasThere = before === undefined || (old !== undefined && equalBytes(old.signature, leaf.signature));
  if (!wasThere) return lifetimeFault(leaf, unixMs);
  return isEndless(leaf.lifetime) ? 'is valid for longer than a day' : undefined;
};

/**
 * Of every leaf that `after` has and `before` has not. Of one that was there, its key package may be over: a member who never renews must
 * not keep all others from removing anybody. `before`: `undefined` for whoever joins, for whom the others looked.
 */
export const expiredLeaf = (
  before: ClientState | undefined,
  { ratchetTree: after }: ClientState,
  unixMs: number,
): Refusal | undefined => {
  for (const at of after.keys()) {
    const fault = leafFault(before?.ratchetTree, after, at, unixMs);
    if (fault !== undefined) return refuse('mls.lifetime', `a member's key package ${fault}`, REMEDY).refusal;
  }
  return undefined;
};
