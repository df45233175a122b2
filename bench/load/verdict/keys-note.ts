import type { KeysName } from '../scenario/schema.ts';

/** What a result says beside the weights. */
export const KEYS_NOTES: Readonly<Record<KeysName, string>> = {
  group: "keys of each meeting's group",
  'pre-shared': 'keys handed out by the run, so nothing here is of the work of a group',
};
