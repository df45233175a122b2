import type { Source } from '../../base/media.ts';
import type { DeviceNames, PersonId } from '../devices/ids.ts';
import type { Rank } from '../markings/label.ts';
import type { Opened } from '../statement/statement.ts';
import type { Act } from './act.ts';

/**
 * What nobody signs and the relay tells. It can lie about these: name somebody absent who is there, or late. It can let nobody in
 * by it, because each client judges who is shown to it, and take no part in what only signatures decide.
 */
export type Fact =
  /** Somebody whom certificate, charter and clearance entitle stands before the door. */
  | { readonly kind: 'arrived'; readonly person: PersonId }
  /** `lostMs`: for how long it has been gone already, because its connection was lost before; at most as long as makes a chair lost. */
  | { readonly kind: 'left'; readonly person: PersonId; readonly lostMs?: number | undefined }
  /** Judged anew, by a list or a raised marking. */
  | { readonly kind: 'not-entitled'; readonly person: PersonId };

/** An act whose signature was found good, and whose device gave it. */
export interface SignedAct {
  readonly opened: Opened<Act>;
  readonly by: DeviceNames;
  /** What its giver is cleared for, to whoever takes it from the giver; who reads of it in the chain did not see that. */
  readonly cleared?: Rank | undefined;
}

export type Input =
  | { readonly kind: 'fact'; readonly fact: Fact }
  | { readonly kind: 'act'; readonly act: SignedAct };

/** What relay and clients have to do, in this order: removals come first. */
export type Effect =
  | { readonly kind: 'out'; readonly person: PersonId }
  | { readonly kind: 'let-in'; readonly person: PersonId }
  | { readonly kind: 'wait'; readonly person: PersonId }
  | { readonly kind: 'turn-away'; readonly person: PersonId }
  /** Its microphone pauses; the person may go on by itself. */
  | { readonly kind: 'mute'; readonly person: PersonId }
  | { readonly kind: 'stop'; readonly person: PersonId; readonly sources: readonly Source[] }
  /** Everybody is judged against the marking; who fails comes back as the fact `not-entitled`. Then keys change. */
  | { readonly kind: 'rejudge' }
  | { readonly kind: 'end' };
