import { asId, type Branded, type ParticipantId } from '../../../base/ids.ts';
import type { MediaEvent, MediaReply } from '../../../base/media.ts';
import { ok, type Refusal, type Result } from '../../../base/result.ts';
import type { EngineVerb } from '../../engine/port.ts';
import type { RoomEffect, RoomNotice } from './effect.ts';
import type { Pending } from './pending.ts';
import type { Ask, Participant, RoomState } from './state.ts';

/** One step in the making: handlers replace `state` and add effects. It does not outlive its step. */
export interface Turn {
  state: RoomState;
  readonly effects: RoomEffect[];
  readonly nowMs: number;
}

export const update = (turn: Turn, change: Partial<RoomState>): void => {
  turn.state = { ...turn.state, ...change };
};

export const mint = <Id extends Branded<string>>(turn: Turn): Id => {
  const { idSeed, nextId } = turn.state;
  update(turn, { nextId: nextId + 1 });
  return asId<Id>(`${idSeed}${nextId.toString(36)}`);
};

/** Runs a verb whose reply `pending` handles. */
export const call = (turn: Turn, verb: EngineVerb, pending: Pending): void => {
  const { nextCall } = turn.state;
  update(turn, { nextCall: nextCall + 1, pending: withEntry(turn.state.pending, nextCall, pending) });
  turn.effects.push({ kind: 'verb', call: nextCall, verb });
};

/** Runs a verb whose reply changes nothing: closing what may be gone already. */
export const fire = (turn: Turn, verb: EngineVerb): void => {
  turn.effects.push({ kind: 'verb', call: undefined, verb });
};

export const answer = (turn: Turn, ask: Ask, result: Result<MediaReply>): void => {
  turn.effects.push({ kind: 'answer', ask, result });
};

export const answerDone = (turn: Turn, ask: Ask): void => answer(turn, ask, ok({ kind: 'done' }));

export const answerRefused = (turn: Turn, ask: Ask, refusal: Refusal): void =>
  answer(turn, ask, { ok: false, refusal });

export const tell = (turn: Turn, to: ParticipantId, event: MediaEvent): void => {
  turn.effects.push({ kind: 'tell', to, event });
};

export const notice = (turn: Turn, told: RoomNotice): void => {
  turn.effects.push({ kind: 'notice', notice: told });
};

/** Changes a participant; its newest state comes from the room, as the caller's may be older. */
export const change = (turn: Turn, who: ParticipantId, fields: Partial<Participant>): void => {
  const { participants } = turn.state;
  const participant = participants.get(who);
  if (participant === undefined) return;
  update(turn, { participants: withEntry(participants, who, { ...participant, ...fields }) });
};

export const withEntry = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> =>
  new Map(map).set(key, value);

export const without = <K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> => {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
};
