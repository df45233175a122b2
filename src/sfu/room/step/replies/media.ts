import type { ParticipantId } from '../../../../base/ids.ts';
import { ok, type Result } from '../../../../base/result.ts';
import type { EngineReply } from '../../../engine/port.ts';
import { dropProducer, dropTransport } from '../drop.ts';
import { reconcile } from '../layout.ts';
import type { Pending } from '../pending.ts';
import { gone, replyOf } from '../refusals.ts';
import type { Consumer, Producer } from '../state.ts';
import { answer, answerRefused, call, change, fire, notice, type Turn, tell, withEntry } from '../turn.ts';

type Of<K extends Pending['kind']> = Extract<Pending, { readonly kind: K }>;
type Reply = Result<EngineReply>;

/** The transport that the reply is about, where it is still the one of its direction. */
const pendingTransport = (turn: Turn, { who, direction, transport }: Of<'transport' | 'connect'>) => {
  const owner = turn.state.participants.get(who);
  const held = owner?.transports.get(direction);
  return owner !== undefined && held?.transport === transport ? { owner, held } : undefined;
};

export const transportMade = (pending: Of<'transport'>, turn: Turn, reply: Reply): void => {
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
export const transportConnected = (pending: Of<'connect'>, turn: Turn, reply: Reply): void => {
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

export const iceRestarted = ({ ask }: Of<'ice'>, turn: Turn, reply: Reply): void => {
  const ice = replyOf(reply, 'ice');
  answer(turn, ask, ice.ok ? ok({ kind: 'ice', iceParameters: ice.value.iceParameters }) : ice);
};

export const plainReply = ({ ask }: Of<'plain' | 'connect' | 'pause'>, turn: Turn, reply: Reply): void =>
  answer(turn, ask, reply.ok ? ok({ kind: 'done' }) : reply);

/** The producer that the reply is about, where it is still the one of its source. */
const pendingProducer = (
  turn: Turn,
  { who, source, producer }: Of<'produce' | 'watch' | 'pause'>,
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
export const producerMade = (pending: Of<'produce'>, turn: Turn, reply: Reply): void => {
  const { ask, who, source, producer } = pending;
  const held = pendingProducer(turn, pending);
  if (held !== undefined && reply.ok) {
    call(turn, { kind: 'watch', room: turn.state.room, producer }, { ...pending, kind: 'watch' });
    return;
  }
  if (held !== undefined) dropProducer(turn, who, source);
  answerRefused(turn, ask, reply.ok ? gone('producer') : reply.refusal);
};

export const producerWatched = (pending: Of<'watch'>, turn: Turn, reply: Reply): void => {
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

export const producerPaused = (pending: Of<'pause'>, turn: Turn, reply: Reply): void => {
  const held = pendingProducer(turn, pending);
  plainReply(pending, turn, reply);
  if (!reply.ok || held === undefined || held.paused === pending.paused) return;
  replaceProducer(turn, pending.who, { ...held, paused: pending.paused });
  const kind = pending.paused ? 'consumer-paused' : 'consumer-resumed';
  for (const { participant, consumers } of turn.state.participants.values()) {
    const consumer = consumers.get(pending.producer);
    if (consumer?.standing === 'live') tell(turn, participant, { kind, consumer: consumer.consumer });
  }
};

const replaceConsumer = (turn: Turn, who: ParticipantId, consumer: Consumer): void => {
  const consumers = turn.state.participants.get(who)?.consumers;
  if (consumers !== undefined)
    change(turn, who, { consumers: withEntry(consumers, consumer.producer, consumer) });
};

export const consumerMade = (pending: Of<'consume'>, turn: Turn, reply: Reply): void => {
  const { who, producer, consumer } = pending;
  const held = turn.state.participants.get(who)?.consumers.get(producer);
  if (held?.consumer !== consumer) return;
  const made = replyOf(reply, 'consumer');
  if (!made.ok) {
    // It may have been made too late for its deadline.
    fire(turn, { kind: 'close-consumer', consumer });
    replaceConsumer(turn, who, { ...held, standing: 'refused' });
    notice(turn, { kind: 'consume-refused', participant: who, code: made.refusal.code });
    return;
  }
  replaceConsumer(turn, who, { ...held, standing: 'live' });
  announceConsumer(turn, pending, made.value.rtpParameters);
};

/** `producerPaused` is the room's word, not the reply's: a pause that was answered meanwhile told no unannounced consumer. */
const announceConsumer = (
  turn: Turn,
  { who, producer, consumer }: Of<'consume'>,
  rtpParameters: Extract<EngineReply, { readonly kind: 'consumer' }>['rtpParameters'],
): void => {
  const owner = turn.state.owners.get(producer);
  const producers = owner === undefined ? undefined : turn.state.participants.get(owner)?.producers;
  const held = producers?.values().find((one) => one.producer === producer);
  if (owner === undefined || held === undefined) return;
  const { source, paused: producerPaused } = held;
  const about = { consumer, producer, participant: owner, source, rtpParameters, producerPaused };
  tell(turn, who, { kind: 'consumer-added', ...about });
};
