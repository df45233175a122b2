import { type Result, refuse } from '../../base/result.ts';
import type { Group, GroupKeyAgreement, Judge, MeetingContext } from '../../e2ee/mls/port.ts';
import type { Blobs } from './blobs.ts';
import { MAX_BLOB_BYTES } from './limits.ts';
import type { GroupHeard } from './service.ts';

export interface WelcomeTools {
  readonly agreement: GroupKeyAgreement;
  readonly context: MeetingContext;
  readonly judge: Judge;
  readonly blobs: Blobs;
}

/** The group that a Welcome leads into, its tree fetched beside it: of the epoch that the service said, or none. */
export const readWelcome = async (
  { epoch, welcome, tree }: Extract<GroupHeard, { kind: 'welcome' }>,
  { agreement, context, judge, blobs }: WelcomeTools,
): Promise<Result<Group>> => {
  const [message, nodes] = await Promise.all([
    blobs.get(welcome, MAX_BLOB_BYTES),
    blobs.get(tree, MAX_BLOB_BYTES),
  ]);
  if (!message.ok) return message;
  if (!nodes.ok) return nodes;
  const joined = await agreement.join(message.value, nodes.value, context, judge);
  if (!joined.ok || joined.value.epoch() === BigInt(epoch)) return joined;
  joined.value.end();
  return refuse('group.other-epoch', 'the relay gave a Welcome into another epoch than it said');
};
