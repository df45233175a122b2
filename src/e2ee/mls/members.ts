import type { ClientState, LeafNode } from 'ts-mls';
import { equalBytes } from '../../base/bytes.ts';
import { type Refusal, refuse } from '../../base/result.ts';
import type { Candidate, Member } from './port.ts';

/** A credential that is no certificate comes as a member without any. */
export const candidateOf = ({
  credential,
  signaturePublicKey,
}: Pick<LeafNode, 'credential' | 'signaturePublicKey'>): Candidate => ({
  certificates: credential.credentialType === 'x509' ? credential.certificates : [],
  signatureKey: signaturePublicKey,
});

/** In the order of their leaves. */
export const membersOf = ({ ratchetTree }: ClientState): Member[] =>
  ratchetTree.flatMap((node, index) => {
    if (node?.nodeType !== 'leaf') return [];
    return [{ leaf: index / 2, ...candidateOf(node.leaf) }];
  });

/** Says no before any judge is asked. */
export const uncertified = (members: readonly Member[]): Refusal | undefined => {
  const without = members.find(({ certificates }) => certificates.length === 0);
  if (without === undefined) return undefined;
  return refuse('mls.credential', `leaf ${without.leaf} has no certificate`).refusal;
};

const isSame = (a: Member, b: Member): boolean =>
  a.leaf === b.leaf &&
  equalBytes(a.signatureKey, b.signatureKey) &&
  a.certificates.length === b.certificates.length &&
  a.certificates.every((one, i) => equalBytes(one, b.certificates[i] ?? new Uint8Array()));

/** Members of `ours` that are not in `others` with the same leaf, key and certificates. */
export const missingFrom = (others: readonly Member[], ours: readonly Member[]): Member[] => {
  const byLeaf = new Map(others.map((member) => [member.leaf, member]));
  return ours.filter((member) => {
    const other = byLeaf.get(member.leaf);
    return other === undefined || !isSame(member, other);
  });
};
