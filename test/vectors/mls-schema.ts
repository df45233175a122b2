import { z } from 'zod';
import { hex } from './schema.ts';

const common = { cipher_suite: z.int() };

const treeVector = z.object({
  ...common,
  tree: hex,
  group_id: hex,
  tree_hashes: z.array(hex),
  resolutions: z.array(z.array(z.int())),
});

const passiveVector = z.object({
  ...common,
  external_psks: z.array(z.object({ psk_id: hex, psk: hex })),
  key_package: hex,
  signature_priv: hex,
  encryption_priv: hex,
  init_priv: hex,
  welcome: hex,
  ratchet_tree: hex.nullable(),
  initial_epoch_authenticator: hex,
  epochs: z.array(z.object({ proposals: z.array(hex), commit: hex, epoch_authenticator: hex })),
});

/** The MLS working group's files: a list of cases of one kind. */
export const mlsFile = z.union([
  z.array(treeVector).transform((trees) => ({ trees, passive: [] })),
  z.array(passiveVector).transform((passive) => ({ trees: [], passive })),
]);

export type TreeVector = z.infer<typeof treeVector>;
export type PassiveVector = z.infer<typeof passiveVector>;
export type MlsFile = z.infer<typeof mlsFile>;
