import type { Clock, RandomBytes } from '../base/clock.ts';
import type { ParticipantId } from '../base/ids.ts';
import type { Result } from '../base/result.ts';
import type { EpochKeys, StreamSender } from '../e2ee/frame-keys.ts';
import type { WireGroupHeard } from '../signaling/protocol/group-schemas.ts';
import type { Heads } from '../trust/acts/head.ts';
import type { SignedCharter } from '../trust/charter/charter.ts';
import type { DeviceNames, PersonId } from '../trust/devices/ids.ts';
import type { Ask } from './media-session.ts';
import type { EntryShown, Shown } from './people/credentials.ts';
import type { Enrolled } from './people/enrolled.ts';
import type { StoreEvent } from './store/reduce.ts';
import type { VerifiedParticipant } from './store/state.ts';

/** Of this device's entry, judged. */
export interface OwnPlace {
  readonly self: VerifiedParticipant;
  readonly entry: EntryShown;
  readonly shown: Shown;
  readonly charter: SignedCharter;
  readonly blobToken: string | undefined;
}

/** Where one client's media keys come from, join after join. */
export interface KeySource {
  /** Nobody is known, and there are no keys. */
  reset(): void;
  /** Somebody was let into the roster. */
  admitted(verified: VerifiedParticipant, entry: EntryShown, shown: Shown): void;
  left(participant: ParticipantId): void;
  /** May be here no longer: from now on nothing is sealed for this participant. */
  out(participant: ParticipantId): void;
  /** The same, however often this person is here. */
  outPerson(person: PersonId): void;
  hear(heard: WireGroupHeard): void;
  /** The session goes on, on another connection. */
  reconnected(): void;
  /** Settles when frames can be sealed. Throws what is in the way. */
  begin(own: OwnPlace): Promise<void>;
  /** Who leads may be somebody else. */
  conducted(): void;
  /** Says what the meeting is called. */
  entitle(title: string): Promise<Result<void>>;
  /** By what frames of somebody are known. */
  senderOf(verified: VerifiedParticipant): StreamSender;
}

/** What a meeting lends to whatever brings its keys. */
export interface KeyWiring {
  /** Scheme, host and port of the relay. */
  readonly origin: string;
  readonly device: Enrolled;
  /** What this participant calls itself, and what it would call the meeting. */
  readonly name: string;
  readonly title: string | undefined;
  readonly mayEntitle: (names: DeviceNames) => boolean;
  readonly randomBytes: RandomBytes;
  readonly keys: EpochKeys;
  readonly ask: Ask;
  readonly isConnected: () => boolean;
  /** Chair and deputies in the order in which they lead, once they are known. */
  readonly line: () => readonly PersonId[] | undefined;
  /** By what was signed and told of the meeting. */
  readonly isPresent: (person: PersonId) => boolean;
  /** The newest entries of it that this device has; `undefined` before the first were read. */
  readonly heads: () => Heads | undefined;
  readonly clock: Clock;
  readonly dispatch: (event: StoreEvent) => void;
  readonly onListenerError: (error: unknown) => void;
}

export type MakeKeySource = (wiring: KeyWiring) => KeySource;
