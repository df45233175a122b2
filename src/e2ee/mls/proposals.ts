import type { IncomingMessageCallback } from 'ts-mls';

/** What a commit may do: members come and go, and renew their keys. Context, suite and outside secrets stay as they are. */
const ALLOWED: ReadonlySet<unknown> = new Set(['add', 'remove']);

export type Verdict =
  | { readonly kind: 'forbidden' }
  | {
      readonly kind: 'member-commit' | 'self-removed';
      readonly committer: number;
      readonly isRemoval: boolean;
    };

type Incoming = Parameters<IncomingMessageCallback>[0];

/** Of a commit whose signature and proposals were verified; `ownLeaf` is the leaf of who asks. */
export const verdictOn = (incoming: Incoming, ownLeaf: number): Verdict => {
  if (incoming.kind !== 'commit' || incoming.senderLeafIndex === undefined) return { kind: 'forbidden' };
  const proposals = incoming.proposals.map(({ proposal }) => proposal);
  if (!proposals.every(({ proposalType }) => ALLOWED.has(proposalType))) return { kind: 'forbidden' };
  const removed = proposals.flatMap((one) => (one.proposalType === 'remove' ? [one.remove.removed] : []));
  const kind = removed.includes(ownLeaf) ? 'self-removed' : 'member-commit';
  return { kind, committer: incoming.senderLeafIndex, isRemoval: removed.length > 0 };
};
