import type { KeysName } from '../scenario/schema.ts';

/** What a result says beside the weights. */
export const KEYS_NOTES: Readonly<Record<KeysName, string>> = {
  group: "keys of each meeting's group",
  'pre-shared': "keys handed out by the run: a group's messages are here, and nothing of its cryptography",
};
