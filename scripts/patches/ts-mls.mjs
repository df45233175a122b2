/**
 * RFC 9420 section 7.9 has a joiner check each entry of `unmerged_leaves`: a non-blank leaf below the node, listed by every
 * non-blank node in between. The library wants all nodes above that leaf, those above the listing node included, to hold
 * the same whole list, and so refuses valid trees as soon as members come and go; and it lets a leaf elsewhere pass.
 */
const joinersCheck = {
  package: 'ts-mls',
  version: '1.6.4',
  file: 'dist/src/clientState.js',
  replacements: [
    {
      from: `tree[nodeIndex]?.nodeType !== "leaf" && !dp.includes(toNodeIndex(i))`,
      to: `tree[nodeIndex]?.nodeType !== "leaf" || !dp.includes(toNodeIndex(i))`,
    },
    {
      from: 'for (const parentIdx of dp) {',
      to: 'for (const parentIdx of dp.slice(0, dp.indexOf(toNodeIndex(i)))) {',
    },
    {
      from: 'if (!arraysEqual(dpNode.parent.unmergedLeaves, n.parent.unmergedLeaves))',
      to: 'if (!dpNode.parent.unmergedLeaves.includes(unmergedLeaf))',
    },
  ],
};

/**
 * RFC 9420 section 9: ratchets belong to leaves. The library derives two for every parent node as well, which nobody reads: a third
 * of what an epoch's secret tree costs each member. And section 9.2: what they came from goes.
 */
const ratchetsOfLeaves = {
  package: 'ts-mls',
  version: '1.6.4',
  file: 'dist/src/secretTree.js',
  replacements: [
    {
      from: `return await Promise.all(tree.map(async (secret) => {
        const application = await createRatchetRoot(secret, "application", kdf);
        const handshake = await createRatchetRoot(secret, "handshake", kdf);
`,
      to: `const none = () => ({ secret: new Uint8Array(), generation: 0, unusedGenerations: {} });
    return await Promise.all(tree.map(async (secret, i) => {
        const application = isLeaf(i) ? await createRatchetRoot(secret, "application", kdf) : none();
        const handshake = isLeaf(i) ? await createRatchetRoot(secret, "handshake", kdf) : none();
        secret.fill(0);
`,
    },
  ],
};

export const tsMlsPatches = [joinersCheck, ratchetsOfLeaves];
