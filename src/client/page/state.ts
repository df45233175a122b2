import type { ConsumerId } from '../../base/ids.ts';
import type { Refusal } from '../../base/result.ts';
import type { DeviceId } from '../../trust/devices/ids.ts';
import type { CharterFacts } from '../people/charter-facts.ts';
import type { MeetingState } from '../store/state.ts';
import type { Stream } from '../streams.ts';
import type { ConductFacts } from './conduct.ts';
import type { DeviceStates } from './devices.ts';
import type { CodeReading } from './epoch.ts';
import type { FaultCode } from './fault-codes.ts';

/** What the person sees: one at a time. */
export type Screen =
  | { readonly kind: 'check' }
  /** `isSlow`: the relay did not answer several times. `isWaiting`: for the chair, before the door. */
  | { readonly kind: 'joining'; readonly isSlow: boolean; readonly isWaiting: boolean }
  | { readonly kind: 'meeting'; readonly meeting: MeetingState }
  /** `fault` is `undefined` where the person left; `why` is what the client called it. */
  | { readonly kind: 'over'; readonly fault: FaultCode | undefined; readonly why: Refusal | undefined };

export type Streams = ReadonlyMap<ConsumerId, Stream<MediaStreamTrack>>;

export interface PageState {
  readonly screen: Screen;
  readonly name: string;
  readonly devices: DeviceStates;
  readonly isMuted: boolean;
  readonly ownScreen: MediaStreamTrack | undefined;
  readonly streams: Streams;
  readonly notices: readonly FaultCode[];
  /** How the meeting is conducted, once this person is in, and what this person may do about it. */
  readonly conduct: ConductFacts | undefined;
  /** Of the code of the meeting's keys. */
  readonly reading: CodeReading;
  /** Of the meeting, as soon as it was checked; it stays for the next time. */
  readonly charter: CharterFacts | undefined;
  /** Of this person, and unknown to this device before. */
  readonly newDevices: readonly DeviceId[];
}

/** More at once nobody reads; the oldest gives way. */
const MAX_NOTICES = 3;

export const withNotice = (notices: readonly FaultCode[], code: FaultCode): readonly FaultCode[] =>
  notices.includes(code) ? notices : [...notices, code].slice(-MAX_NOTICES);
