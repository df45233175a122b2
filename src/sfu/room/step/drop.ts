import type { ParticipantId } from '../../../base/ids.ts';
import type { Direction, Source } from '../../../base/media.ts';
import { reconcile } from './layout.ts';
import { unavailable } from './refusals.ts';
import type { Participant } from './state.ts';
import { answerRefused, change, fire, type Turn, update, without } from './turn.ts';

/** Ends a producer, ready or not, and what others receive of it. The engine hears of it after what it was asked before. */
export const dropProducer = (turn: Turn, who: ParticipantId, source: Source): void => {
  const owner = turn.state.participants.get(who);
  const producer = owner?.producers.get(source)?.producer;
  if (owner === undefined || producer === undefined) return;
  fire(turn, { kind: 'close-producer', producer });
  forgetProducer(turn, owner, source);
  reconcile(turn);
};

/** Ends a transport with everything on it; what it carried needs no verbs of its own. */
export const dropTransport = (turn: Turn, who: ParticipantId, direction: Direction): void => {
  const owner = turn.state.participants.get(who);
  const held = owner?.transports.get(direction);
  if (owner === undefined || held === undefined) return;
  fire(turn, { kind: 'close-transport', transport: held.transport });
  change(turn, who, { transports: without(owner.transports, direction) });
  if (direction === 'receive') change(turn, who, { rtpCapabilities: undefined });
  else for (const source of owner.producers.keys()) forgetProducer(turn, owner, source);
  reconcile(turn);
};

export const dropParticipant = (turn: Turn, who: ParticipantId): void => {
  const participant = turn.state.participants.get(who);
  if (participant === undefined) return;
  for (const { transport } of participant.transports.values())
    fire(turn, { kind: 'close-transport', transport });
  for (const source of participant.producers.keys()) forgetProducer(turn, participant, source);
  update(turn, { participants: without(turn.state.participants, who) });
  refusePending(turn, (asked) => asked === who, 'the participant left');
  reconcile(turn);
};

/** Refuses the requests of those for whom `whose` holds, and forgets every reply that would have come for them. */
export const refusePending = (turn: Turn, whose: (who: ParticipantId) => boolean, why: string): void => {
  const kept = new Map(turn.state.pending);
  for (const [call, pending] of turn.state.pending) {
    if (!('who' in pending) || !whose(pending.who)) continue;
    kept.delete(call);
    if ('ask' in pending) answerRefused(turn, pending.ask, unavailable(why));
  }
  update(turn, { pending: kept });
};

/** Out of the owner's list and everybody's preferences; `reconcile` then takes it from its receivers. */
const forgetProducer = (turn: Turn, { participant: who }: Participant, source: Source): void => {
  const owner = turn.state.participants.get(who);
  const producer = owner?.producers.get(source)?.producer;
  if (owner === undefined || producer === undefined) return;
  change(turn, who, { producers: without(owner.producers, source) });
  update(turn, { owners: without(turn.state.owners, producer) });
  for (const { participant, preferred } of turn.state.participants.values())
    if (preferred.has(producer)) change(turn, participant, { preferred: without(preferred, producer) });
};
