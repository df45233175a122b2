import type { CiphersuiteImpl } from 'ts-mls';
import { verifyLeafNodeSignature, verifyLeafNodeSignatureKeyPackage } from 'ts-mls/leafNode.js';
import { verifyParentHashes } from 'ts-mls/parentHash.js';
import { decodeRatchetTree, type Node, type RatchetTree, resolution } from 'ts-mls/ratchetTree.js';
import { treeHash } from 'ts-mls/treeHash.js';
import { toNodeIndex } from 'ts-mls/treemath.js';
import type { Bytes } from '../../src/base/bytes.ts';
import { BelfryError } from '../../src/base/errors.ts';
import { bytesCheck, type Check, valueCheck } from './check.ts';
import { cryptosOf, type NamedCrypto } from './mls-crypto.ts';
import type { TreeVector } from './mls-schema.ts';

const readTree = (bytes: Bytes): RatchetTree => {
  const [tree, size] = decodeRatchetTree(bytes, 0) ?? [];
  if (tree !== undefined && size === bytes.length) return tree;
  throw new BelfryError('vectors.tree', 'the tree cannot be read');
};

const isSigned = (node: Node | undefined, index: number, groupId: Bytes, crypto: CiphersuiteImpl) => {
  if (node?.nodeType !== 'leaf') return true;
  return node.leaf.leafNodeSource === 'key_package'
    ? verifyLeafNodeSignatureKeyPackage(node.leaf, crypto.signature)
    : verifyLeafNodeSignature(node.leaf, groupId, index / 2, crypto.signature);
};

const checksWith = async ({ name, crypto }: NamedCrypto, vector: TreeVector): Promise<Check[]> => {
  const tree = readTree(vector.tree);
  const checks: Check[] = [
    valueCheck(`${name} parent hashes`, true, await verifyParentHashes(tree, crypto.hash)),
    valueCheck(`${name} nodes`, vector.tree_hashes.length, tree.length),
  ];
  for (const [i, expected] of vector.tree_hashes.entries()) {
    const hash = await treeHash(tree, toNodeIndex(i), crypto.hash);
    checks.push(bytesCheck(`${name} tree_hashes[${i}]`, expected, hash));
    const signed = await isSigned(tree[i], i, vector.group_id, crypto);
    checks.push(valueCheck(`${name} signature of node ${i}`, true, signed));
  }
  return checks;
};

/** RFC 9420 sections 4.1.1, 7.8 and 7.9. */
export const treeChecks = async (vector: TreeVector): Promise<Check[]> => {
  const tree = readTree(vector.tree);
  const resolutions = vector.resolutions.map((expected, i) =>
    valueCheck(`resolutions[${i}]`, expected, resolution(tree, toNodeIndex(i))),
  );
  const cryptos = await cryptosOf(vector.cipher_suite);
  const checks = await Promise.all(cryptos.map((crypto) => checksWith(crypto, vector)));
  return [...resolutions, ...checks.flat()];
};
