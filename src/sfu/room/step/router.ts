import type { WorkerId } from '../../../base/ids.ts';
import { ok, type Result } from '../../../base/result.ts';
import type { RtpCapabilities } from '../../../base/rtp.ts';
import type { EngineReply } from '../../engine/port.ts';
import { FIRST_REOPEN_DELAY_MS, MAX_OPENERS, MAX_REOPEN_FAILURES } from '../limits.ts';
import { dispatch, type Table } from './dispatch.ts';
import { refusePending } from './drop.ts';
import type { RoomInput } from './input.ts';
import { consumeLateOnes, restLayers } from './layout.ts';
import { limit, replyOf, unavailable } from './refusals.ts';
import { type Ask, newParticipant, type Phase } from './state.ts';
import { call, fire, notice, type Turn, tell, update } from './turn.ts';

type Attempt = Extract<Phase, { readonly kind: 'opening' | 'reopening' }>;

const opened = (turn: Turn, ask: Ask, result: Result<RtpCapabilities>): void => {
  turn.effects.push({ kind: 'opened', ask, result });
};

const refuseOpen = (turn: Turn, ask: Ask, why: string): void =>
  opened(turn, ask, { ok: false, refusal: unavailable(why) });

const runOpen = (turn: Turn): void =>
  call(turn, { kind: 'open-router', room: turn.state.room }, { kind: 'router' });

const OPENS: Table<Phase, [Turn, Ask]> = {
  idle: (_, turn, ask) => {
    update(turn, { phase: { kind: 'opening', openers: [ask] } });
    runOpen(turn);
  },
  opening: (phase, turn, ask) => joinAttempt(turn, phase, ask),
  reopening: (phase, turn, ask) => joinAttempt(turn, phase, ask),
  open: ({ rtpCapabilities }, turn, ask) => opened(turn, ask, ok(rtpCapabilities)),
  waiting: (_, turn, ask) => refuseOpen(turn, ask, 'the room is being rebuilt'),
  ended: (_, turn, ask) => refuseOpen(turn, ask, 'the room is over'),
};

const joinAttempt = (turn: Turn, phase: Attempt, ask: Ask): void => {
  const full = phase.openers.length >= MAX_OPENERS;
  if (full) opened(turn, ask, { ok: false, refusal: limit('too many wait for this room') });
  else update(turn, { phase: { ...phase, openers: [...phase.openers, ask] } });
};

/** Idempotent: whoever comes while the router is being made waits for the same one. */
export const onOpen = ({ ask }: Extract<RoomInput, { readonly kind: 'open' }>, turn: Turn): void =>
  dispatch(OPENS, turn.state.phase, turn, ask);

export const routerAnswered = (turn: Turn, reply: Result<EngineReply>): void => {
  const { phase } = turn.state;
  if (!isAttempt(phase)) return;
  const router = replyOf(reply, 'router');
  if (!router.ok) attemptFailed(turn, phase, router.refusal.code);
  else if (router.value.worker === phase.lost) attemptFailed(turn, phase, 'media.unavailable');
  else attemptSucceeded(turn, phase, router.value);
};

const isAttempt = (phase: Phase): phase is Attempt => phase.kind === 'opening' || phase.kind === 'reopening';

type Router = Extract<EngineReply, { readonly kind: 'router' }>;

const attemptSucceeded = (turn: Turn, phase: Attempt, { worker, rtpCapabilities }: Router): void => {
  update(turn, { phase: { kind: 'open', worker, rtpCapabilities } });
  for (const ask of phase.openers) opened(turn, ask, ok(rtpCapabilities));
  if (phase.kind === 'opening') return;
  notice(turn, { kind: 'router-reopened', worker });
  for (const to of turn.state.participants.keys()) tell(turn, to, { kind: 'media-reset', rtpCapabilities });
};

/** A room that never opened is over at once, as nobody is in it yet; one that did is tried again. */
const attemptFailed = (turn: Turn, phase: Attempt, code: string): void => {
  for (const ask of phase.openers) refuseOpen(turn, ask, 'no media worker could open the room');
  if (phase.kind === 'opening') end(turn, false);
  else reopenFailed(turn, phase.failures + 1, code);
};

const reopenFailed = (turn: Turn, failures: number, code: string): void => {
  notice(turn, { kind: 'reopen-failed', failures, code });
  const retryAtMs = turn.nowMs + FIRST_REOPEN_DELAY_MS * 2 ** (failures - 1);
  if (failures >= MAX_REOPEN_FAILURES) end(turn, true);
  else update(turn, { phase: { kind: 'waiting', failures, retryAtMs } });
};

export const onRouterLost = (worker: WorkerId, turn: Turn): void => {
  const { phase } = turn.state;
  if (isAttempt(phase)) update(turn, { phase: { ...phase, lost: worker } });
  if (phase.kind !== 'open' || phase.worker !== worker) return;
  notice(turn, { kind: 'router-lost', worker });
  clearMedia(turn);
  reopen(turn, 0);
};

/** People stay, with nothing of theirs left: the engine has lost it all. */
const clearMedia = (turn: Turn): void => {
  refusePending(turn, () => true, 'the media worker died; the room is being rebuilt');
  const fresh = turn.state.participants
    .values()
    .map(
      ({ participant, senderNumber, expected }) =>
        [participant, newParticipant(participant, senderNumber, expected)] as const,
    );
  update(turn, { participants: new Map(fresh), owners: new Map(), consumeAgainAtMs: undefined });
};

/** Closes before it opens: an attempt that came too late for its deadline may have left a router. */
const reopen = (turn: Turn, failures: number): void => {
  update(turn, { phase: { kind: 'reopening', openers: [], failures } });
  fire(turn, { kind: 'close-router', room: turn.state.room });
  runOpen(turn);
};

export const onTick = (_: Extract<RoomInput, { readonly kind: 'tick' }>, turn: Turn): void => {
  const { phase } = turn.state;
  if (phase.kind === 'waiting' && phase.retryAtMs <= turn.nowMs) reopen(turn, phase.failures);
  consumeLateOnes(turn);
  restLayers(turn);
};

export const onClose = (_: Extract<RoomInput, { readonly kind: 'close' }>, turn: Turn): void => {
  const { phase } = turn.state;
  if (phase.kind === 'ended') return;
  if (isAttempt(phase)) for (const ask of phase.openers) refuseOpen(turn, ask, 'the room was closed');
  end(turn, false);
};

const end = (turn: Turn, lost: boolean): void => {
  refusePending(turn, () => true, 'the room is over');
  fire(turn, { kind: 'close-router', room: turn.state.room });
  if (lost) notice(turn, { kind: 'room-lost' });
  turn.effects.push({ kind: 'ended', lost });
  update(turn, {
    phase: { kind: 'ended' },
    participants: new Map(),
    owners: new Map(),
    pending: new Map(),
    consumeAgainAtMs: undefined,
  });
};
