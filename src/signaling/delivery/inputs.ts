import type { ParticipantId } from '../../base/ids.ts';
import type { Blob } from './state.ts';

/** Sender and epoch of what members say; the epoch is the one that they are in. */
interface Said {
  readonly from: ParticipantId;
  readonly generation: number;
  readonly epoch: number;
}

export type DeliveryInput =
  /** Somebody new, or a member whose group is lost and who begins anew. */
  | { readonly kind: 'enter'; readonly participant: ParticipantId; readonly keyPackage: Blob }
  | { readonly kind: 'leave'; readonly participant: ParticipantId }
  /** The answer to `create`. */
  | ({ readonly kind: 'created' } & Said)
  | ({
      readonly kind: 'commit';
      readonly commit: Blob;
      /** One for each participant whom it adds. */
      readonly welcomes: ReadonlyMap<ParticipantId, Blob>;
      readonly removed: readonly ParticipantId[];
      /** The whole tree, once, for all who join by it; `undefined` where nobody does. */
      readonly tree: Blob | undefined;
    } & Said)
  | ({ readonly kind: 'working' } & Said)
  /** The commit that led into `epoch` is valid, and taken. */
  | ({ readonly kind: 'adopted' } & Said)
  /** The commit that led into `epoch` is not valid, says a member; the signed reason is passed on unread. */
  | ({ readonly kind: 'reject'; readonly reason: string } & Said)
  /** The committer that is asked to add `participant` does not find its key package good. */
  | ({ readonly kind: 'decline'; readonly participant: ParticipantId } & Said)
  /** Nothing can be sealed in `epoch` any more by this member: it wants another one. */
  | ({ readonly kind: 'renew' } & Said)
  /** A member who missed commits asks for those from `epoch` on. */
  | ({ readonly kind: 'catch-up' } & Said)
  /** The group must be another from now on: its context changes. Who has to go left before. */
  | { readonly kind: 'restart' }
  /** Nothing happened but time. */
  | { readonly kind: 'tick' };
