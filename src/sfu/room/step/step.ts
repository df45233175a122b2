import { dispatch, type Table } from './dispatch.ts';
import type { RoomEffect } from './effect.ts';
import { onEnter, onExpectSenders, onLeave } from './entry.ts';
import { onEvent } from './events.ts';
import type { RoomInput } from './input.ts';
import { layersDueAtMs } from './needs.ts';
import { onMute, onStop } from './orders.ts';
import { onReply } from './replies/table.ts';
import { onRequest } from './requests/table.ts';
import { onClose, onOpen, onTick } from './router.ts';
import type { RoomState } from './state.ts';
import type { Turn } from './turn.ts';

export interface Stepped {
  readonly state: RoomState;
  readonly effects: readonly RoomEffect[];
  /** When a `tick` is due, in `nowMs`' milliseconds; `undefined`: never, by itself. */
  readonly wakeAtMs: number | undefined;
}

const INPUTS: Table<RoomInput, [Turn]> = {
  open: onOpen,
  close: onClose,
  enter: onEnter,
  leave: onLeave,
  mute: onMute,
  stop: onStop,
  'expect-senders': onExpectSenders,
  request: onRequest,
  reply: onReply,
  event: onEvent,
  tick: onTick,
};

/**
 * All of a room's decisions. Every request is answered exactly once, at the latest when the engine has replied to the
 * verbs that it led to. `nowMs`: monotonic.
 */
export const step = (state: RoomState, input: RoomInput, nowMs: number): Stepped => {
  const turn: Turn = { state, effects: [], nowMs };
  dispatch(INPUTS, input, turn);
  return { state: turn.state, effects: turn.effects, wakeAtMs: wakeAtOf(turn.state) };
};

/** A room that waits for its router has no consumers to wait for. */
const wakeAtOf = (state: RoomState): number | undefined =>
  state.phase.kind === 'waiting'
    ? state.phase.retryAtMs
    : earlier(state.consumeAgainAtMs, layersDueAtMs(state));

const earlier = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
