import type { ParticipantId } from '../../../base/ids.ts';
import { countVerdict, judge } from '../witness.ts';
import { dispatch, type Table } from './dispatch.ts';
import { dropProducer, dropTransport } from './drop.ts';
import type { RoomEvent, RoomInput } from './input.ts';
import { onRouterLost } from './router.ts';
import type { Producer } from './state.ts';
import { notice, type Turn, tell, update } from './turn.ts';

type Of<K extends RoomEvent['kind']> = Extract<RoomEvent, { readonly kind: K }>;

const EVENTS: Table<RoomEvent, [Turn]> = {
  'router-lost': ({ worker }, turn) => onRouterLost(worker, turn),
  'transport-lost': (event, turn) => onTransportLost(event, turn),
  'layers-changed': (event, turn) => onLayersChanged(event, turn),
  packet: (event, turn) => onPacket(event, turn),
};

export const onEvent = ({ event }: Extract<RoomInput, { readonly kind: 'event' }>, turn: Turn): void =>
  dispatch(EVENTS, event, turn);

/** Its owner sees the same from its side and asks for a new one; the others must not wait for what will not come. */
const onTransportLost = ({ transport }: Of<'transport-lost'>, turn: Turn): void => {
  for (const { participant, transports } of turn.state.participants.values())
    for (const [direction, held] of transports)
      if (held.transport === transport) {
        notice(turn, { kind: 'transport-lost', participant });
        dropTransport(turn, participant, direction);
      }
};

const onLayersChanged = ({ room: _, ...event }: Of<'layers-changed'>, turn: Turn): void => {
  for (const { participant, consumers } of turn.state.participants.values())
    if (consumers.values().some((one) => one.consumer === event.consumer && one.standing === 'live'))
      tell(turn, participant, event);
};

/** The first frame that is not sealed, or not by its owner, ends the stream: see `witness.ts` for why one is enough. */
const onPacket = ({ producer, packet }: Of<'packet'>, turn: Turn): void => {
  const who = turn.state.owners.get(producer);
  const owner = who === undefined ? undefined : turn.state.participants.get(who);
  const held = owner?.producers.values().find((one) => one.producer === producer);
  if (owner === undefined || held === undefined) return;
  const verdict = judge(packet, held.codec, owner.expected);
  update(turn, { witness: countVerdict(turn.state.witness, verdict) });
  if (verdict === 'in-clear' || verdict === 'wrong-sender') expel(turn, owner.participant, held, verdict);
};

/** An answer that is still on the way then says that the producer is gone; this says why. */
const expel = (
  turn: Turn,
  participant: ParticipantId,
  held: Producer,
  verdict: 'in-clear' | 'wrong-sender',
): void => {
  const { producer, source } = held;
  dropProducer(turn, participant, source);
  tell(turn, participant, { kind: 'producer-removed', producer, why: verdict });
  notice(turn, { kind: 'seen-in-clear', participant, source, verdict });
};
