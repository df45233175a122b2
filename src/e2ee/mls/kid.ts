/**
 * RFC 9605 section 5.2: `context << (S + E) | leaf << E | epoch mod 2^E`. Receivers hold a few epochs, so 4 bits tell 16
 * apart and leave room for members that are behind; 12 bits name 4096 leaves, more than a meeting's tree has. Leaf and epoch
 * together are the sender number that a frame's key id has beside the context.
 */
const EPOCH_BITS = 4;
const LEAF_BITS = 12;
const EPOCHS = 2 ** EPOCH_BITS;
export const MAX_LEAF = 2 ** LEAF_BITS - 1;

/** What an epoch leaves in a key id. */
export const epochBitsOf = (epoch: bigint): number => Number(BigInt.asUintN(EPOCH_BITS, epoch));

/** Of all epochs with these bits the one that is nearest to `epoch`; of two that are equally near, the later. */
export const nearestEpoch = (epochBits: number, epoch: bigint): bigint => {
  const further = epochBitsOf(BigInt(epochBits) - epoch);
  return epoch + BigInt(further <= EPOCHS / 2 ? further : further - EPOCHS);
};

/** Throws RangeError for a leaf that has no room: the caller bounds it. */
export const senderNumberOf = (leaf: number, epoch: bigint): number => {
  if (!Number.isInteger(leaf) || leaf < 0 || leaf > MAX_LEAF)
    throw new RangeError(`no sender number for leaf ${leaf}`);
  return leaf * EPOCHS + epochBitsOf(epoch);
};

export interface LeafAndEpoch {
  readonly leaf: number;
  /** The epoch's lowest bits, 0 to 15. */
  readonly epochBits: number;
}

/** Any number of 16 bits splits; one above names a leaf that no tree has. */
export const splitSenderNumber = (number: number): LeafAndEpoch => ({
  leaf: Math.floor(number / EPOCHS),
  epochBits: number % EPOCHS,
});
