import type { ConsumerId, ParticipantId } from '../../base/ids.ts';
import type { Source } from '../../base/media.ts';
import type { Refusal } from '../../base/result.ts';
import type { EpochCode } from '../../e2ee/mls/port.ts';
import type { MeetingState as Conducted } from '../../trust/acts/state.ts';
import type { DeviceId, PersonId } from '../../trust/devices/ids.ts';
import type { Rank } from '../../trust/markings/label.ts';
import type { SignedCheckpoint } from '../../trust/record/checkpoint.ts';
import type { CharterFacts } from '../people/charter-facts.ts';

/** Where a meeting stands, from the first dial to its end. */
export type Phase =
  | { readonly kind: 'joining' }
  /** Before the door: the chair has to let this client in. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'in' }
  /** The connection is sought; media may still flow. */
  | { readonly kind: 'reconnecting' }
  /** The session was lost: this client joins anew, as a new participant. */
  | { readonly kind: 'rejoining' }
  /** `why` is `undefined` where this client left. */
  | { readonly kind: 'closed'; readonly why: Refusal | undefined };

/** Someone whose certificate was found good. */
export interface VerifiedParticipant {
  readonly participant: ParticipantId;
  readonly number: number;
  /** What this participant calls itself; its person's id, until its card was opened. */
  readonly name: string;
  /** Of the certificate: whose device it is. */
  readonly person: PersonId;
  readonly device: DeviceId;
}

export interface Layers {
  readonly spatialLayer: number;
  readonly temporalLayer: number | undefined;
}

export interface StreamState {
  readonly consumer: ConsumerId;
  readonly participant: ParticipantId;
  readonly source: Source;
  readonly paused: boolean;
  /** What the relay says that it forwards now; `undefined` for audio, and while nothing flows. */
  readonly layers: Layers | undefined;
}

/** An epoch of the meeting's group, and who came and went by it. */
export interface EpochShown {
  readonly number: bigint;
  /** Equal on all devices, or somebody is in another group. */
  readonly code: EpochCode;
  readonly joined: readonly VerifiedParticipant[];
  readonly left: readonly VerifiedParticipant[];
}

/** Enough for a person to look back; a meeting of hundreds has thousands. */
export const MAX_EPOCHS_SHOWN = 100;

/** All that a view shows of a meeting. A value: every change makes a new one. */
export interface MeetingState {
  readonly phase: Phase;
  readonly self: VerifiedParticipant | undefined;
  /** That this client checked; `undefined` before it is in. */
  readonly charter: CharterFacts | undefined;
  /** What the meeting is called, by the signature of somebody who leads it. */
  readonly title: string | undefined;
  /** How it is conducted, by what was signed: chair, marking in force, roles, grants, hands, who waits. */
  readonly conducted: Conducted | undefined;
  /** What this person is cleared for. */
  readonly cleared: Rank | undefined;
  /** For the chair: who waits, and by which device. */
  readonly atDoor: ReadonlyMap<PersonId, DeviceId>;
  /** The roster: nobody else is shown or heard. */
  readonly participants: ReadonlyMap<ParticipantId, VerifiedParticipant>;
  /** Whom the relay names without proof, and the code of what is wrong: neither shown nor heard. */
  readonly unverified: ReadonlyMap<ParticipantId, string>;
  readonly streams: ReadonlyMap<ConsumerId, StreamState>;
  readonly own: ReadonlyMap<Source, { readonly paused: boolean }>;
  /** Incoming frames that were dropped, by the code of the reason. */
  readonly refusedFrames: Readonly<Record<string, number>>;
  /** Streams that the relay offered of people who are not in the verified roster. */
  readonly refusedStreams: number;
  /** The newest that this device keeps of what the relay signed of its record. */
  readonly checkpoint: SignedCheckpoint | undefined;
  /** Of a meeting whose keys come from a group: the newest last; empty before the first, and of this join alone. */
  readonly epochs: readonly EpochShown[];
  /** No sign of who leads for ten seconds: the relay may keep this device apart. After a minute nothing is sealed. */
  readonly mayBeCutOff: boolean;
  /** The same where who leads is heard, and has what this device was not told. */
  readonly isUntold: boolean;
  /** The last thing that went wrong while the meeting went on: a code and words without names or secrets. */
  readonly problem: Refusal | undefined;
}

export const INITIAL_STATE: MeetingState = {
  phase: { kind: 'joining' },
  self: undefined,
  charter: undefined,
  title: undefined,
  conducted: undefined,
  cleared: undefined,
  atDoor: new Map(),
  participants: new Map(),
  unverified: new Map(),
  streams: new Map(),
  own: new Map(),
  refusedFrames: {},
  refusedStreams: 0,
  checkpoint: undefined,
  epochs: [],
  mayBeCutOff: false,
  isUntold: false,
  problem: undefined,
};

/** The newest stream of that participant and source, if there is one. */
export const findStream = (
  state: MeetingState,
  participant: ParticipantId,
  source: Source,
): StreamState | undefined =>
  [...state.streams.values()].findLast((s) => s.participant === participant && s.source === source);
