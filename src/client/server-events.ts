import type { ConsumerId, ParticipantId, ProducerId } from '../base/ids.ts';
import type { RtpCapabilities } from '../base/rtp.ts';
import type { EventKind, RosterEntry, ServerEvent } from '../signaling/protocol/messages.ts';
import type { StoreEvent } from './store/reduce.ts';

type EventOf<Kind extends EventKind> = Extract<ServerEvent, { kind: Kind }>;

/** What a meeting does about what its server says. */
export interface ServerEventActions {
  dispatch(event: StoreEvent): void;
  /** Judged by signatures: it never rejects, and later events wait for it. */
  admit(entry: RosterEntry): Promise<void>;
  /** Part of the roster, judged likewise. */
  admitAll(entries: readonly RosterEntry[]): Promise<void>;
  listPublished(number: number): void;
  /** The next entry of the chain: later events wait until it was judged. */
  follow(entry: string): Promise<void>;
  checkpointed(event: EventOf<'checkpoint'>): void;
  waits(): void;
  replacing(): void;
  ownDevices(): void;
  sentBack(): void;
  atDoor(event: EventOf<'at-door'>): Promise<void>;
  part(participant: ParticipantId): void;
  addStream(event: EventOf<'consumer-added'>): void;
  removeStream(consumer: ConsumerId): void;
  layersNeeded(producer: ProducerId, topLayer: number): void;
  producerRemoved(producer: ProducerId, why: EventOf<'producer-removed'>['why']): void;
  hearGroup(heard: EventOf<'group'>['heard']): void;
  resetMedia(router: RtpCapabilities): void;
  end(why: EventOf<'meeting-ended'>['why']): void;
}

type Handling = Promise<void> | undefined | void;
type Handlers = {
  readonly [Kind in EventKind]: (actions: ServerEventActions, event: EventOf<Kind>) => Handling;
};

const HANDLERS: Handlers = {
  roster: (actions, { roster }) => actions.admitAll(roster),
  'participant-joined': (actions, { kind: _, ...entry }) => actions.admit(entry),
  'participant-left': (actions, { participant }) => actions.part(participant),
  'meeting-ended': (actions, { why }) => actions.end(why),
  'consumer-added': (actions, event) => actions.addStream(event),
  'consumer-removed': (actions, { consumer }) => actions.removeStream(consumer),
  'consumer-paused': (actions, { consumer }) =>
    actions.dispatch({ kind: 'stream-paused', consumer, paused: true }),
  'consumer-resumed': (actions, { consumer }) =>
    actions.dispatch({ kind: 'stream-paused', consumer, paused: false }),
  'layers-changed': (actions, { consumer, spatialLayer, temporalLayer }) =>
    actions.dispatch({
      kind: 'layers',
      consumer,
      layers: spatialLayer === undefined ? undefined : { spatialLayer, temporalLayer },
    }),
  'layers-needed': (actions, { producer, spatialLayer }) => actions.layersNeeded(producer, spatialLayer),
  'producer-removed': (actions, { producer, why }) => actions.producerRemoved(producer, why),
  'list-published': (actions, { number }) => actions.listPublished(number),
  entry: (actions, { entry }) => actions.follow(entry),
  waiting: (actions) => actions.waits(),
  'to-lobby': (actions) => actions.sentBack(),
  'at-door': (actions, event) => actions.atDoor(event),
  replacing: (actions) => actions.replacing(),
  'own-devices': (actions) => actions.ownDevices(),
  // The close that follows says so.
  replaced: () => undefined,
  checkpoint: (actions, event) => actions.checkpointed(event),
  group: (actions, { heard }) => actions.hearGroup(heard),
  'media-reset': (actions, { rtpCapabilities }) => actions.resetMedia(rtpCapabilities),
};

export const handleServerEvent = (
  actions: ServerEventActions,
  event: ServerEvent,
): Promise<void> | undefined => {
  // Sound: the table holds for each kind the handler of that kind; the type checker cannot follow the index.
  const handler = HANDLERS[event.kind] as (actions: ServerEventActions, event: ServerEvent) => Handling;
  return handler(actions, event) ?? undefined;
};
