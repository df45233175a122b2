import type { ClientState, KeyPackage, LeafNode, Lifetime } from 'ts-mls';
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

const lifetimeFault = (leaf: LeafNode | undefined, unixMs: number): string | undefined => {
  if (leaf?.leafNodeSource !== 'key_package') return undefined;
  const { notBefore, notAfter } = leaf.lifetime;
  const nowS = BigInt(Math.floor(unixMs / 1000));
  if (notAfter - notBefore > BigInt(LIFETIME_S + SKEW_S)) return 'is valid for longer than a day';
  if (nowS + BigInt(SKEW_S) < notBefore) return 'is not valid yet';
  return nowS > notAfter ? 'has expired' : undefined;
};

const REMEDY = 'ask for a fresh key package, and compare the clocks of both devices';

/** Of one key package, before it is added. */
export const expired = ({ leafNode }: KeyPackage, unixMs: number): Refusal | undefined => {
  const fault = lifetimeFault(leafNode, unixMs);
  return fault === undefined ? undefined : refuse('mls.lifetime', `a key package ${fault}`, REMEDY).refusal;
};

/** Of every leaf that has not been renewed since its key package. */
export const expiredLeaf = ({ ratchetTree }: ClientState, unixMs: number): Refusal | undefined => {
  for (const node of ratchetTree) {
    const fault = node?.nodeType === 'leaf' ? lifetimeFault(node.leaf, unixMs) : undefined;
    if (fault !== undefined) return refuse('mls.lifetime', `a member's key package ${fault}`, REMEDY).refusal;
  }
  return undefined;
};
