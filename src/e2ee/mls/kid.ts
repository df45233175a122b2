/**
 * RFC 9605 section 5.2: `context << (S + E) | leaf << E | epoch mod 2^E`. Receivers hold this epoch and the one before, so
 * 4 bits tell 16 apart and leave room for members that are behind; 12 bits name 4096 leaves, more than a meeting's tree has.
 */
const EPOCH_BITS = 4n;
const LEAF_BITS = 12n;
const MAX_LEAF = Number(1n << LEAF_BITS) - 1;
const CONTEXT_LIMIT = 1n << (64n - EPOCH_BITS - LEAF_BITS);

export interface MlsKid {
  /** The sender's outgoing stream or layer. */
  readonly context: bigint;
  readonly leaf: number;
  /** The epoch's lowest bits, 0 to 15. */
  readonly epochBits: number;
}

/** What an epoch leaves in a key id. */
export const epochBitsOf = (epoch: bigint): number => Number(BigInt.asUintN(Number(EPOCH_BITS), epoch));

/** Throws RangeError for a leaf or a context that has no room: the caller bounds both. */
export const joinMlsKid = ({ context, leaf, epochBits }: MlsKid): bigint => {
  const fits = context >= 0n && context < CONTEXT_LIMIT && leaf >= 0 && leaf <= MAX_LEAF;
  if (!fits) throw new RangeError(`no key id for context ${context}, leaf ${leaf}`);
  return (((context << LEAF_BITS) | BigInt(leaf)) << EPOCH_BITS) | BigInt(epochBits);
};

/** Any 64-bit key id splits. */
export const splitMlsKid = (kid: bigint): MlsKid => ({
  context: kid >> (LEAF_BITS + EPOCH_BITS),
  leaf: Number((kid >> EPOCH_BITS) & BigInt(MAX_LEAF)),
  epochBits: epochBitsOf(kid),
});
