import type { ParticipantId } from '../../base/ids.ts';
import type { Refusal } from '../../base/result.ts';
import type { Blob, DeliveryState, PastCommit } from './state.ts';

export type DeliveryCode =
  | 'delivery.not-a-member'
  | 'delivery.stale'
  | 'delivery.unsettled'
  | 'delivery.removals-first'
  | 'delivery.not-asked'
  | 'delivery.too-old';

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
  | { readonly kind: 'accepted'; readonly to: ParticipantId; readonly epoch: number }
  | {
      readonly kind: 'refused';
      readonly to: ParticipantId;
      readonly refusal: Refusal<DeliveryCode>;
      /** What the asker has missed, oldest first. */
      readonly missed: readonly PastCommit[];
    }
  | { readonly kind: 'caught-up'; readonly to: ParticipantId; readonly missed: readonly PastCommit[] }
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
