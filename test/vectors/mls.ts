import type { VectorCase } from './check.ts';
import { passiveChecks } from './mls-passive.ts';
import type { MlsFile } from './mls-schema.ts';
import { treeChecks } from './mls-tree.ts';

export const mlsCases = ({ trees, passive }: MlsFile): VectorCase[] => [
  ...trees.map((vector, i) => ({ name: `tree[${i}]`, run: () => treeChecks(vector) })),
  ...passive.map((vector, i) => ({ name: `passive[${i}]`, run: () => passiveChecks(vector) })),
];
