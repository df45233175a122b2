import type { FaultCode } from '../../src/client/page/fault-codes.ts';
import type { TitleFault } from '../../src/client/page/typed-title.ts';

/** `title`: what happened, in a few words. `text`: why, and what to do about it. */
export interface FaultText {
  readonly title: string;
  readonly text: string;
}

/** All words of the page in one language. Whatever has a number or a name in it is a function. */
export interface Texts {
  /** BCP 47, without a region. */
  readonly language: string;
  readonly productName: string;
  readonly check: {
    readonly title: string;
    readonly intro: string;
    readonly name: string;
    readonly nameHint: string;
    readonly camera: string;
    readonly microphone: string;
    readonly cameraOff: string;
    readonly starting: string;
    readonly level: string;
    readonly join: string;
    readonly joinWithout: string;
    readonly again: string;
    readonly unnamedDevice: (number: number) => string;
  };
  readonly enrolling: {
    readonly title: string;
    readonly text: string;
    readonly code: string;
    readonly codeHint: string;
    readonly enrol: string;
    readonly lookingTitle: string;
    readonly looking: string;
    readonly waitingTitle: string;
    readonly waiting: string;
  };
  readonly joining: {
    readonly title: string;
    readonly text: string;
    readonly slow: string;
    readonly waitingTitle: string;
    readonly waiting: string;
    readonly cancel: string;
  };
  readonly people: {
    readonly title: string;
    readonly close: string;
    readonly show: string;
    readonly chair: string;
    readonly deputy: string;
    readonly observer: string;
    readonly hand: (place: number) => string;
    readonly beside: (names: readonly string[]) => string;
    readonly confirm: string;
    readonly confirmed: string;
    readonly waiting: (count: number) => string;
    readonly admit: string;
    readonly admitAll: string;
    readonly turnAway: string;
    readonly orders: string;
    readonly mute: string;
    readonly stopCamera: string;
    readonly grant: Readonly<Record<'microphone' | 'camera' | 'screen', string>>;
    readonly withdraw: Readonly<Record<'microphone' | 'camera' | 'screen', string>>;
    readonly makeObserver: string;
    readonly makeMember: string;
    readonly lowerHand: string;
    readonly handOverChair: string;
    readonly toLobby: string;
    readonly remove: string;
    readonly removeForGood: string;
    readonly ownBeside: string;
    readonly declare: string;
    readonly personsHint: string;
    readonly ofLeaders: string;
    readonly invite: string;
    readonly inviteNow: string;
    readonly allowExport: string;
    readonly ofChair: string;
    readonly muteAll: string;
    readonly lock: string;
    readonly unlock: string;
    readonly meetingTitle: string;
    readonly entitle: string;
    readonly titleFaults: Readonly<Record<TitleFault, string>>;
    readonly raiseMarking: string;
    readonly lowerMarking: string;
    readonly end: string;
    readonly endSurely: string;
    readonly saveCheckpoint: string;
    readonly checkpointHelp: string;
    readonly chairAway: (chair: string) => string;
    readonly takeChair: string;
    readonly pending: string;
    readonly agree: string;
    readonly asks: {
      readonly lowerMarking: (by: string, level: string) => string;
      readonly invite: (by: string, count: number) => string;
      readonly allowExport: (by: string) => string;
    };
  };
  readonly meeting: {
    readonly people: (count: number) => string;
    readonly you: (name: string) => string;
    readonly alone: string;
    readonly reconnecting: string;
    readonly observing: string;
    readonly denied: (microphone: boolean, camera: boolean) => string;
    readonly epoch: {
      readonly code: string;
      readonly cutOff: string;
      readonly untold: string;
      readonly help: string;
      readonly number: (number: string) => string;
      readonly suites: Readonly<Record<'x-wing' | 'x25519' | 'p-384', string>>;
      readonly compare: string;
      readonly compared: string;
      readonly noChange: string;
      readonly outdated: string;
      readonly showNewest: string;
      readonly change: (number: string) => string;
      readonly joined: (names: string) => string;
      readonly left: (names: string) => string;
      readonly andOthers: (names: string, others: number) => string;
      readonly older: (count: number) => string;
    };
    readonly screenOf: (name: string) => string;
    readonly ownScreen: string;
    readonly muted: string;
    readonly sealed: (verified: number) => string;
    readonly refusedFrames: (count: number) => string;
    readonly refusedPeople: (count: number) => string;
    readonly refusedStreams: (count: number) => string;
    readonly lockHelp: string;
    readonly lockHelpCertified: string;
    readonly marking: string;
  };
  readonly controls: {
    readonly label: string;
    readonly mute: string;
    readonly unmute: string;
    readonly cameraOff: string;
    readonly cameraOn: string;
    readonly shareScreen: string;
    readonly stopScreen: string;
    readonly raiseHand: string;
    readonly lowerHand: string;
    readonly people: (count: number) => string;
    readonly leave: string;
    readonly key: (key: string) => string;
    readonly observing: string;
    readonly notGranted: string;
  };
  readonly over: {
    readonly leftTitle: string;
    readonly leftText: string;
    readonly rejoin: string;
  };
  readonly notices: { readonly label: string; readonly close: string; readonly known: string };
  readonly code: (code: string) => string;
  readonly reference: (reference: string) => string;
  readonly faults: Readonly<Record<FaultCode, FaultText>>;
}
