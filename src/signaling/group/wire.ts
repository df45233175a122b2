import type { ParticipantId } from '../../base/ids.ts';
import type { DeliveryEffect } from '../delivery/effects.ts';
import type { DeliveryInput } from '../delivery/inputs.ts';
import type { Blob } from '../delivery/state.ts';
import type { WireGroupHeard, WireGroupSaid } from '../protocol/group-schemas.ts';

/** What of a group's words is the delivery service's. */
export type SaidToDelivery = Exclude<WireGroupSaid, { kind: 'ready' | 'heartbeat' | 'card' | 'title' }>;
/** An effect that is told to somebody. */
export type Told = Exclude<DeliveryEffect, { kind: 'expel' }>;
type ToldOf<Kind extends Told['kind']> = Extract<Told, { kind: Kind }>;

type OfParticipant = { readonly participant: ParticipantId; readonly blob: Blob };
const toMap = (list: readonly OfParticipant[]): ReadonlyMap<ParticipantId, Blob> =>
  new Map(list.map(({ participant, blob }) => [participant, blob]));
const toList = (map: ReadonlyMap<ParticipantId, Blob>) =>
  [...map].map(([participant, blob]) => ({ participant, blob }));

/** `from`: of the session alone. */
export const inputOf = (said: SaidToDelivery, from: ParticipantId): DeliveryInput => {
  if (said.kind === 'enter') return { ...said, participant: from };
  if (said.kind !== 'commit') return { ...said, from };
  return { ...said, from, welcomes: toMap(said.welcomes), tree: said.tree };
};

/** The blobs that somebody names must be here, else nobody could fetch them. */
export const namedIn = (said: SaidToDelivery): readonly Blob[] => {
  if (said.kind === 'enter') return [said.keyPackage];
  if (said.kind !== 'commit') return [];
  const { commit, welcomes, tree } = said;
  return [commit, ...welcomes.map(({ blob }) => blob), ...(tree === undefined ? [] : [tree])];
};

type Writers = { readonly [Kind in Told['kind']]: (effect: Omit<ToldOf<Kind>, 'to'>) => WireGroupHeard };

const WRITERS: Writers = {
  'ask-create': (effect) => effect,
  'ask-commit': (effect) => ({ ...effect, add: toList(effect.add), remove: [...effect.remove] }),
  commit: (effect) => effect,
  welcome: (effect) => effect,
  accepted: ({ kind, epoch, commit }) => ({ kind, epoch, ...(commit === undefined ? {} : { commit }) }),
  refused: ({ kind, refusal: { code, message }, missed, commit }) => ({
    kind,
    code,
    message,
    missed: [...missed],
    ...(commit === undefined ? {} : { commit }),
  }),
  'caught-up': ({ kind, missed, head }) => ({
    kind,
    missed: [...missed],
    ...(head === undefined ? {} : { head }),
  }),
  rejected: (effect) => effect,
  reopened: (effect) => effect,
};

/** As the protocol has it: lists for maps, and what is not there is absent. */
export const heardOf = ({ to: _, ...effect }: Told): WireGroupHeard =>
  // The table's type pairs each kind with its own effect; a lookup by a union cannot show that to the compiler.
  (WRITERS[effect.kind] as (effect: Omit<Told, 'to'>) => WireGroupHeard)(effect);

export const addresseesOf = ({ to }: Told): readonly ParticipantId[] => (typeof to === 'string' ? [to] : to);
