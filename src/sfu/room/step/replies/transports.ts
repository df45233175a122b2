import { ok } from '../../../../base/result.ts';
import { dropTransport } from '../drop.ts';
import { gone, replyOf } from '../refusals.ts';
import { answer, answerRefused, change, type Turn, withEntry } from '../turn.ts';
import { plainReply } from './plain.ts';
import type { PendingOf, Reply } from './types.ts';

/** The transport that the reply is about, where it is still the one of its direction. */
const pendingTransport = (turn: Turn, { who, direction, transport }: PendingOf<'transport' | 'connect'>) => {
  const owner = turn.state.participants.get(who);
  const held = owner?.transports.get(direction);
  return owner !== undefined && held?.transport === transport ? { owner, held } : undefined;
};

export const transportMade = (pending: PendingOf<'transport'>, turn: Turn, reply: Reply): void => {
  const { ask, who, direction, transport } = pending;
  const found = pendingTransport(turn, pending);
  const made = replyOf(reply, 'transport');
  if (found === undefined || !made.ok) {
    if (found !== undefined) dropTransport(turn, who, direction);
    answerRefused(turn, ask, made.ok ? gone('transport') : made.refusal);
    return;
  }
  const transports = withEntry(found.owner.transports, direction, { ...found.held, ready: true });
  change(turn, who, { transports });
  const { iceParameters, iceCandidates, dtlsParameters } = made.value;
  answer(turn, ask, ok({ kind: 'transport', transport, iceParameters, iceCandidates, dtlsParameters }));
};

/** Refused, it may be asked for again: mediasoup checks the parameters before it connects. */
export const transportConnected = (pending: PendingOf<'connect'>, turn: Turn, reply: Reply): void => {
  const found = pendingTransport(turn, pending);
  if (!reply.ok && found !== undefined) {
    const transports = withEntry(found.owner.transports, pending.direction, {
      ...found.held,
      connected: false,
    });
    change(turn, pending.who, { transports });
  }
  plainReply(pending, turn, reply);
};

export const iceRestarted = ({ ask }: PendingOf<'ice'>, turn: Turn, reply: Reply): void => {
  const ice = replyOf(reply, 'ice');
  answer(turn, ask, ice.ok ? ok({ kind: 'ice', iceParameters: ice.value.iceParameters }) : ice);
};
