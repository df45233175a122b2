import type { ParticipantId } from '../../../../base/ids.ts';
import type { RtpParameters } from '../../../../base/rtp.ts';
import { CONSUME_RETRY_MS } from '../../limits.ts';
import { replyOf } from '../refusals.ts';
import type { Consumer } from '../state.ts';
import { change, fire, notice, type Turn, tell, update, withEntry } from '../turn.ts';
import type { PendingOf, Reply } from './types.ts';

const replaceConsumer = (turn: Turn, who: ParticipantId, consumer: Consumer): void => {
  const consumers = turn.state.participants.get(who)?.consumers;
  if (consumers !== undefined)
    change(turn, who, { consumers: withEntry(consumers, consumer.producer, consumer) });
};

export const consumerMade = (pending: PendingOf<'consume'>, turn: Turn, reply: Reply): void => {
  const { who, producer, consumer } = pending;
  const held = turn.state.participants.get(who)?.consumers.get(producer);
  if (held?.consumer !== consumer) return;
  const made = replyOf(reply, 'consumer');
  if (!made.ok) {
    consumerRefused(turn, who, held, made.refusal.code);
    return;
  }
  replaceConsumer(turn, who, { ...held, standing: 'live' });
  announceConsumer(turn, pending, made.value.rtpParameters);
};

/** Closes it in any case: it may have been made too late for its deadline. */
const consumerRefused = (turn: Turn, who: ParticipantId, held: Consumer, code: string): void => {
  fire(turn, { kind: 'close-consumer', consumer: held.consumer });
  notice(turn, { kind: 'consume-refused', participant: who, code });
  const late = code === 'media.unavailable';
  replaceConsumer(turn, who, { ...held, standing: late ? 'late' : 'refused' });
  const { consumeAgainAtMs = turn.nowMs + CONSUME_RETRY_MS } = turn.state;
  if (late) update(turn, { consumeAgainAtMs });
};

/** `producerPaused` is the room's word, not the reply's: a pause that was answered meanwhile told no unannounced consumer. */
const announceConsumer = (
  turn: Turn,
  { who, producer, consumer }: PendingOf<'consume'>,
  rtpParameters: RtpParameters,
): void => {
  const owner = turn.state.owners.get(producer);
  const producers = owner === undefined ? undefined : turn.state.participants.get(owner)?.producers;
  const held = producers?.values().find((one) => one.producer === producer);
  if (owner === undefined || held === undefined) return;
  const { source, paused: producerPaused } = held;
  const about = { consumer, producer, participant: owner, source, rtpParameters, producerPaused };
  tell(turn, who, { kind: 'consumer-added', ...about });
};
