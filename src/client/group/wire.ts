import type { WireGroupHeard, WireGroupSaid } from '../../signaling/protocol/group-schemas.ts';
import type { GroupHeard, GroupSaid } from './service.ts';

/** What of a meeting's group is the seat's; heartbeats are not, and neither are names and titles. */
export type WireSeatHeard = Exclude<WireGroupHeard, { readonly kind: 'heartbeat' | 'cards' | 'title' }>;

/** As the protocol has it. A map becomes a list, and what is not there is absent. */
export const toWire = (said: GroupSaid): WireGroupSaid => {
  if (said.kind !== 'commit') return said;
  const { welcomes, tree, removed, ...rest } = said;
  const list = [...welcomes].map(([participant, blob]) => ({ participant, blob }));
  return { ...rest, removed: [...removed], welcomes: list, ...(tree && { tree }) };
};

export const fromWire = (heard: WireSeatHeard): GroupHeard => {
  if (heard.kind === 'ask-commit')
    return { ...heard, add: new Map(heard.add.map(({ participant, blob }) => [participant, blob])) };
  if (heard.kind === 'accepted') return { ...heard, commit: heard.commit };
  if (heard.kind !== 'refused') return heard;
  const { kind, code, message, missed, commit } = heard;
  return { kind, refusal: { code, message }, missed, commit };
};
