/**
 * RFC 9420 section 7.9 has a joiner check each entry of `unmerged_leaves`: a non-blank leaf below the node, listed by every
 * non-blank node in between. The library wants all nodes above that leaf, those above the listing node included, to hold
 * the same whole list, and so refuses valid trees as soon as members come and go; and it lets a leaf elsewhere pass.
 */
export const tsMlsPatch = {
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
