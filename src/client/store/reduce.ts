import type { ConsumerId, ParticipantId } from '../../base/ids.ts';
import type { Source } from '../../base/media.ts';
import type { Refusal } from '../../base/result.ts';
import type { MeetingState as Conducted } from '../../trust/acts/state.ts';
import type { DeviceId, PersonId } from '../../trust/devices/ids.ts';
import type { Rank } from '../../trust/markings/label.ts';
import type { SignedCheckpoint } from '../../trust/record/checkpoint.ts';
import { type CharterFacts, markedAs } from '../people/charter-facts.ts';
import {
  type EpochShown,
  type Layers,
  MAX_EPOCHS_SHOWN,
  type MeetingState,
  type Phase,
  type StreamState,
  type VerifiedParticipant,
} from './state.ts';

/** What happened, as far as a view can tell. */
export type StoreEvent =
  | { readonly kind: 'phase'; readonly phase: Phase }
  /** A fresh join: whatever was known of others belongs to the join before. */
  | { readonly kind: 'joined'; readonly self: VerifiedParticipant }
  | { readonly kind: 'charter'; readonly charter: CharterFacts }
  | { readonly kind: 'conducted'; readonly conducted: Conducted; readonly cleared: Rank | undefined }
  | { readonly kind: 'at-door'; readonly person: PersonId; readonly device: DeviceId }
  | { readonly kind: 'verified'; readonly participant: VerifiedParticipant }
  | { readonly kind: 'named'; readonly participant: ParticipantId; readonly name: string }
  | { readonly kind: 'title'; readonly title: string }
  | { readonly kind: 'unverified'; readonly participant: ParticipantId; readonly code: string }
  | { readonly kind: 'left'; readonly participant: ParticipantId }
  | { readonly kind: 'stream-added'; readonly stream: StreamState }
  | { readonly kind: 'stream-removed'; readonly consumer: ConsumerId }
  | { readonly kind: 'stream-paused'; readonly consumer: ConsumerId; readonly paused: boolean }
  | { readonly kind: 'layers'; readonly consumer: ConsumerId; readonly layers: Layers | undefined }
  | { readonly kind: 'streams-cleared' }
  | { readonly kind: 'stream-refused' }
  | { readonly kind: 'own'; readonly source: Source; readonly paused: boolean }
  | { readonly kind: 'own-stopped'; readonly source: Source }
  | { readonly kind: 'frame-refused'; readonly code: string }
  | { readonly kind: 'checkpoint'; readonly checkpoint: SignedCheckpoint }
  | { readonly kind: 'epoch'; readonly epoch: EpochShown }
  | { readonly kind: 'cut-off'; readonly mayBe: boolean; readonly isUntold: boolean }
  | { readonly kind: 'problem'; readonly problem: Refusal };

type EventOf<Kind extends StoreEvent['kind']> = Extract<StoreEvent, { kind: Kind }>;
type Reducers = {
  readonly [Kind in StoreEvent['kind']]: (state: MeetingState, event: EventOf<Kind>) => MeetingState;
};

const withEntry = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> =>
  new Map(map).set(key, value);

const withoutEntry = <K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> => {
  const copy = new Map(map);
  copy.delete(key);
  return copy;
};

const changeStream = (
  state: MeetingState,
  consumer: ConsumerId,
  change: Partial<StreamState>,
): MeetingState => {
  const stream = state.streams.get(consumer);
  if (stream === undefined) return state;
  return { ...state, streams: withEntry(state.streams, consumer, { ...stream, ...change }) };
};

const REDUCERS: Reducers = {
  phase: (state, { phase }) => ({ ...state, phase }),
  joined: (state, { self }) => ({
    ...state,
    phase: { kind: 'in' },
    self,
    title: undefined,
    atDoor: new Map(),
    participants: new Map(),
    unverified: new Map(),
    streams: new Map(),
    epochs: [],
    mayBeCutOff: false,
    isUntold: false,
  }),
  charter: (state, { charter }) => ({ ...state, charter }),
  conducted: (state, { conducted, cleared }) => ({
    ...state,
    conducted,
    cleared,
    charter: state.charter && {
      ...state.charter,
      ...markedAs(conducted.marking, conducted.law.scale),
      chair: conducted.chair,
    },
    atDoor: new Map([...state.atDoor].filter(([person]) => conducted.waiting.has(person))),
  }),
  'at-door': (state, { person, device }) => ({ ...state, atDoor: withEntry(state.atDoor, person, device) }),
  verified: (state, { participant }) => ({
    ...state,
    participants: withEntry(state.participants, participant.participant, participant),
    unverified: withoutEntry(state.unverified, participant.participant),
  }),
  named: (state, { participant, name }) => {
    const known = state.participants.get(participant);
    if (known === undefined) return state;
    const named = { ...known, name };
    const rename = (people: EpochShown['joined']) =>
      people.map((one) => (one.participant === participant ? named : one));
    const epochs = state.epochs.map((epoch) => ({ ...epoch, joined: rename(epoch.joined) }));
    return { ...state, epochs, participants: withEntry(state.participants, participant, named) };
  },
  title: (state, { title }) => ({ ...state, title }),
  unverified: (state, { participant, code }) => ({
    ...state,
    unverified: withEntry(state.unverified, participant, code),
  }),
  left: (state, { participant }) => ({
    ...state,
    participants: withoutEntry(state.participants, participant),
    unverified: withoutEntry(state.unverified, participant),
    streams: new Map([...state.streams].filter(([, stream]) => stream.participant !== participant)),
  }),
  'stream-added': (state, { stream }) =>
    state.participants.has(stream.participant)
      ? { ...state, streams: withEntry(state.streams, stream.consumer, stream) }
      : state,
  'stream-removed': (state, { consumer }) => ({ ...state, streams: withoutEntry(state.streams, consumer) }),
  'stream-paused': (state, { consumer, paused }) => changeStream(state, consumer, { paused }),
  layers: (state, { consumer, layers }) => changeStream(state, consumer, { layers }),
  'streams-cleared': (state) => ({ ...state, streams: new Map() }),
  'stream-refused': (state) => ({ ...state, refusedStreams: state.refusedStreams + 1 }),
  own: (state, { source, paused }) => ({ ...state, own: withEntry(state.own, source, { paused }) }),
  'own-stopped': (state, { source }) => ({ ...state, own: withoutEntry(state.own, source) }),
  'frame-refused': (state, { code }) => ({
    ...state,
    refusedFrames: { ...state.refusedFrames, [code]: (state.refusedFrames[code] ?? 0) + 1 },
  }),
  checkpoint: (state, { checkpoint }) => ({ ...state, checkpoint }),
  epoch: (state, { epoch }) => ({ ...state, epochs: [...state.epochs, epoch].slice(-MAX_EPOCHS_SHOWN) }),
  'cut-off': (state, { mayBe, isUntold }) => ({ ...state, mayBeCutOff: mayBe, isUntold }),
  problem: (state, { problem }) => ({ ...state, problem }),
};

/** The next state. An event about something unknown changes nothing. */
export const reduce = (state: MeetingState, event: StoreEvent): MeetingState => {
  // Sound: the table holds for each kind the reducer of that kind; the type checker cannot follow the index.
  const reducer = REDUCERS[event.kind] as (state: MeetingState, event: StoreEvent) => MeetingState;
  return reducer(state, event);
};
