import type { ParticipantId } from '../../../../base/ids.ts';
import { ok } from '../../../../base/result.ts';
import { dropProducer } from '../drop.ts';
import { reconcile } from '../layout.ts';
import { gone } from '../refusals.ts';
import type { Producer } from '../state.ts';
import { answer, answerRefused, call, change, notice, type Turn, tell, withEntry } from '../turn.ts';
import { plainReply } from './plain.ts';
import type { PendingOf, Reply } from './types.ts';

/** The producer that the reply is about, where it is still the one of its source. */
const pendingProducer = (
  turn: Turn,
  { who, source, producer }: PendingOf<'produce' | 'watch' | 'pause' | 'mute'>,
): Producer | undefined => {
  const held = turn.state.participants.get(who)?.producers.get(source);
  return held?.producer === producer ? held : undefined;
};

const replaceProducer = (turn: Turn, who: ParticipantId, producer: Producer): void => {
  const producers = turn.state.participants.get(who)?.producers;
  if (producers !== undefined)
    change(turn, who, { producers: withEntry(producers, producer.source, producer) });
};

/** Watched before anybody receives it: no producer lives that the witness does not see. */
export const producerMade = (pending: PendingOf<'produce'>, turn: Turn, reply: Reply): void => {
  const { ask, who, source, producer } = pending;
  const held = pendingProducer(turn, pending);
  if (held !== undefined && reply.ok) {
    call(turn, { kind: 'watch', room: turn.state.room, producer }, { ...pending, kind: 'watch' });
    return;
  }
  if (held !== undefined) dropProducer(turn, who, source);
  answerRefused(turn, ask, reply.ok ? gone('producer') : reply.refusal);
};

export const producerWatched = (pending: PendingOf<'watch'>, turn: Turn, reply: Reply): void => {
  const { ask, who, source, producer } = pending;
  const held = pendingProducer(turn, pending);
  if (held === undefined || !reply.ok) {
    if (held !== undefined) dropProducer(turn, who, source);
    if (!reply.ok) notice(turn, { kind: 'watch-refused', participant: who, code: reply.refusal.code });
    answerRefused(turn, ask, reply.ok ? gone('producer') : reply.refusal);
    return;
  }
  replaceProducer(turn, who, { ...held, live: true });
  answer(turn, ask, ok({ kind: 'producer', producer }));
  reconcile(turn);
};

export const producerPaused = (pending: PendingOf<'pause'>, turn: Turn, reply: Reply): void => {
  plainReply(pending, turn, reply);
  producerMuted(pending, turn, reply);
};

export const producerMuted = (pending: PendingOf<'pause' | 'mute'>, turn: Turn, reply: Reply): void => {
  const held = pendingProducer(turn, pending);
  if (!reply.ok || held === undefined || held.paused === pending.paused) return;
  replaceProducer(turn, pending.who, { ...held, paused: pending.paused });
  const kind = pending.paused ? 'consumer-paused' : 'consumer-resumed';
  for (const { participant, consumers } of turn.state.participants.values()) {
    const consumer = consumers.get(pending.producer);
    if (consumer?.standing === 'live') tell(turn, participant, { kind, consumer: consumer.consumer });
  }
};
