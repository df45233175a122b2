import type { Refusal } from '../../base/result.ts';
import type { GroupEvent } from './events.ts';

/** What mends itself, unseen, or is told of by what follows from it. */
const UNSEEN: ReadonlySet<string> = new Set([
  'group.old-welcome',
  'group.blob-missing',
  'group.removed',
  'group.reopened',
  'group.not-a-member',
  'group.was-cut-off',
  'group.was-held-back',
  'mls.unknown-key-package',
  'mls.old-epoch',
  'mls.missed-epoch',
]);

/** As people are told of it; codes of the group's parts keep their own name behind the words. */
export const problemOf = ({
  code,
  message,
}: Extract<GroupEvent, { kind: 'trouble' }>): Refusal | undefined => {
  if (UNSEEN.has(code) || code.startsWith('delivery.')) return undefined;
  if (code.startsWith('group.')) return { code, message };
  return { code: 'group.refused', message: `the group’s next step is not valid: ${message} (${code})` };
};
