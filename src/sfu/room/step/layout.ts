import type { ParticipantId, ProducerId } from '../../../base/ids.ts';
import { mediaKindOf } from '../../../base/media.ts';
import { wantedLayout } from '../../policy/layout.ts';
import { type PlanAction, plan } from '../../policy/plan.ts';
import {
  type Ceiling,
  type Layout,
  layoutSize,
  type PolicyView,
  TOP_LAYERS,
  type ViewProducer,
} from '../../policy/view.ts';
import { MAX_CONSUMERS } from '../limits.ts';
import { dispatch, type Table } from './dispatch.ts';
import { layersDueAtMs, tellNeeds } from './needs.ts';
import type { Consumer, Participant, Producer, RoomState } from './state.ts';
import { call, change, fire, mint, type Turn, tell, update, withEntry, without } from './turn.ts';

type Participants = RoomState['participants'];
type Standing = Consumer['standing'];

/** The engine has nothing under such a consumer's id. */
const FAILED: ReadonlySet<Standing> = new Set(['refused', 'late']);

const viewProducer = ({ producer, source, codec }: Producer): ViewProducer => ({
  producer,
  source,
  mimeType: `${mediaKindOf(source)}/${codec}`,
});

const viewOf = (participants: Participants, flows: (producer: Producer) => boolean): PolicyView =>
  [...participants.values()].map(({ participant, producers, rtpCapabilities, preferred }) => ({
    participant,
    producers: [...producers.values()].filter(flows).map(viewProducer),
    receives: rtpCapabilities,
    preferred,
  }));

const ceilings = ({ consumers }: Participant): ReadonlyMap<ProducerId, Ceiling> =>
  new Map([...consumers].map(([producer, { ceiling }]) => [producer, ceiling] as const));

/** What the room has asked the engine for, refused consumers included: they are not asked for again. */
const presentLayout = (participants: Participants): Layout =>
  new Map([...participants].map(([who, participant]) => [who, ceilings(participant)] as const));

/** Whether the room would have more consumers than it may once everything announced flows. */
export const wouldOverflow = (participants: Participants): boolean =>
  layoutSize(wantedLayout(viewOf(participants, () => true))) > MAX_CONSUMERS;

/** Brings what is forwarded to what policy wants. Call it after every change that policy looks at. */
export const reconcile = (turn: Turn): void => {
  const { participants } = turn.state;
  const wanted = wantedLayout(viewOf(participants, ({ live }) => live));
  for (const action of plan(presentLayout(participants), wanted)) dispatch(ACTIONS, action, turn);
  tellNeeds(turn, wanted);
};

/** What nobody has needed for a while is put to rest. */
export const restLayers = (turn: Turn): void => {
  const dueAtMs = layersDueAtMs(turn.state);
  if (dueAtMs !== undefined && dueAtMs <= turn.nowMs) reconcile(turn);
};

const ACTIONS: Table<PlanAction, [Turn]> = {
  add: ({ receiver, producer, ceiling }, turn) => addConsumer(turn, receiver, producer, ceiling),
  remove: ({ receiver, producer }, turn) => removeConsumer(turn, receiver, producer),
  'set-layers': ({ receiver, producer, ceiling }, turn) => setLayers(turn, receiver, producer, ceiling),
};

const addConsumer = (turn: Turn, who: ParticipantId, producer: ProducerId, ceiling: Ceiling): void => {
  const receiver = turn.state.participants.get(who);
  const transport = receiver?.transports.get('receive')?.transport;
  const rtpCapabilities = receiver?.rtpCapabilities;
  if (receiver === undefined || transport === undefined || rtpCapabilities === undefined) return;
  const consumer: Consumer = { consumer: mint(turn), producer, standing: 'making', ceiling };
  change(turn, who, { consumers: withEntry(receiver.consumers, producer, consumer) });
  const verb = {
    kind: 'consume',
    transport,
    consumer: consumer.consumer,
    producer,
    rtpCapabilities,
  } as const;
  call(turn, verb, { kind: 'consume', who, producer, consumer: consumer.consumer });
  if (ceiling !== TOP_LAYERS) fire(turn, { kind: 'prefer-layers', consumer: consumer.consumer, ...ceiling });
};

const removeConsumer = (turn: Turn, who: ParticipantId, producer: ProducerId): void => {
  const receiver = turn.state.participants.get(who);
  const held = receiver?.consumers.get(producer);
  if (receiver === undefined || held === undefined) return;
  change(turn, who, { consumers: without(receiver.consumers, producer) });
  fire(turn, { kind: 'close-consumer', consumer: held.consumer });
  if (held.standing === 'live') tell(turn, who, { kind: 'consumer-removed', consumer: held.consumer });
};

/** A wish of the layout's, not of a person's: nobody waits for the reply. */
const setLayers = (turn: Turn, who: ParticipantId, producer: ProducerId, ceiling: Ceiling): void => {
  const receiver = turn.state.participants.get(who);
  const held = receiver?.consumers.get(producer);
  if (receiver === undefined || held === undefined) return;
  change(turn, who, { consumers: withEntry(receiver.consumers, producer, { ...held, ceiling }) });
  if (!FAILED.has(held.standing)) fire(turn, { kind: 'prefer-layers', consumer: held.consumer, ...ceiling });
};

/** Without those that failed: `reconcile` asks for them again. */
export const withoutFailed = (
  consumers: Participant['consumers'],
  failed: ReadonlySet<Standing> = FAILED,
): Participant['consumers'] => new Map([...consumers].filter(([, { standing }]) => !failed.has(standing)));

const LATE: ReadonlySet<Standing> = new Set(['late']);

export const consumeLateOnes = (turn: Turn): void => {
  const { consumeAgainAtMs, participants } = turn.state;
  if (consumeAgainAtMs === undefined || consumeAgainAtMs > turn.nowMs) return;
  update(turn, { consumeAgainAtMs: undefined });
  for (const { participant, consumers } of participants.values())
    change(turn, participant, { consumers: withoutFailed(consumers, LATE) });
  reconcile(turn);
};
