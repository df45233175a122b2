import type { ParticipantId } from '../../base/ids.ts';
import type { Refusal } from '../../base/result.ts';
import type { Blob, DeliveryState, PastCommit } from './state.ts';

export type DeliveryCode =
  | 'delivery.not-a-member'
  | 'delivery.stale'
  | 'delivery.unsettled'
  | 'delivery.removals-first'
  | 'delivery.not-asked'
  | 'delivery.too-old'
  | 'delivery.no-tree'
  | 'delivery.declined';

/** What is to be told, in this order. */
export type DeliveryEffect =
  | { readonly kind: 'ask-create'; readonly to: ParticipantId; readonly generation: number }
  | {
      readonly kind: 'ask-commit';
      readonly to: ParticipantId;
      readonly generation: number;
      readonly epoch: number;
      readonly add: ReadonlyMap<ParticipantId, Blob>;
      readonly remove: readonly ParticipantId[];
    }
  /** To all who were in the epoch that it ended, its author aside. */
  | {
      readonly kind: 'commit';
      readonly to: readonly ParticipantId[];
      readonly generation: number;
      readonly past: PastCommit;
      readonly by: ParticipantId;
    }
  | {
      readonly kind: 'welcome';
      readonly to: ParticipantId;
      readonly generation: number;
      readonly epoch: number;
      readonly welcome: Blob;
      readonly tree: Blob;
    }
  /** To one who sent `commit` or `created`: it is the group's now. */
  | {
      readonly kind: 'accepted';
      readonly to: ParticipantId;
      readonly epoch: number;
      /** The hash of the commit that this answers; `undefined` where it answers `created`. */
      readonly commit: string | undefined;
    }
  | {
      readonly kind: 'refused';
      readonly to: ParticipantId;
      readonly refusal: Refusal<DeliveryCode>;
      /** What the asker has missed, oldest first. */
      readonly missed: readonly PastCommit[];
      /** The hash of the commit that this answers; `undefined` where it answers something else. */
      readonly commit: string | undefined;
    }
  | {
      readonly kind: 'caught-up';
      readonly to: ParticipantId;
      readonly missed: readonly PastCommit[];
      /** The hash of the newest commit: who is in this epoch by another one is in a fork. `undefined`: there was none. */
      readonly head: string | undefined;
    }
  | {
      readonly kind: 'rejected';
      readonly to: readonly ParticipantId[];
      readonly epoch: number;
      readonly by: ParticipantId;
      readonly reason: string;
    }
  /** The newest commit counts no longer; whoever adopted it enters anew. */
  | { readonly kind: 'reopened'; readonly to: readonly ParticipantId[]; readonly epoch: number }
  /** Refused too often by the others: out of the meeting. */
  | { readonly kind: 'expel'; readonly participant: ParticipantId };

export interface DeliveryStep {
  readonly state: DeliveryState;
  readonly effects: readonly DeliveryEffect[];
  /** When a `tick` is due; `undefined`: not before something happens. */
  readonly wakeAtMs: number | undefined;
}

/** Before the schedule has looked at it. */
export type Moved = Omit<DeliveryStep, 'wakeAtMs'>;

export const moved = (state: DeliveryState, ...effects: readonly DeliveryEffect[]): Moved => ({
  state,
  effects,
});

const MESSAGES: Readonly<Record<DeliveryCode, string>> = {
  'delivery.not-a-member': 'only a member of the group may say this',
  'delivery.stale': 'another commit was first',
  'delivery.unsettled': 'most members have not taken the commit before it yet',
  'delivery.removals-first': 'somebody has to be removed first',
  'delivery.not-asked': 'it adds or removes others than those who enter or leave',
  'delivery.too-old': 'what was missed is kept no longer: enter anew',
  'delivery.no-tree': 'those who are added cannot join without the tree',
  'delivery.declined': 'members did not find the key package good: enter with another one',
};

interface About {
  readonly missed?: readonly PastCommit[];
  readonly commit?: string;
}

export const refused = (
  state: DeliveryState,
  to: ParticipantId,
  code: DeliveryCode,
  { missed = [], commit }: About = {},
): Moved => moved(state, { kind: 'refused', to, refusal: { code, message: MESSAGES[code] }, missed, commit });
