import type { Bytes } from '../../base/bytes.ts';
import type { ParticipantId } from '../../base/ids.ts';
import type { Refusal } from '../../base/result.ts';

/** Bytes that travel apart from messages, by their SHA-256 in base64url. */
export interface Blob {
  readonly hash: string;
  readonly bytes: number;
}

/** A commit, and the epoch that it ended. */
export interface PastCommit {
  readonly epoch: number;
  readonly commit: Blob;
}

/** Groups that a meeting has had, and the epoch that the sender is in. */
export interface Where {
  readonly generation: number;
  readonly epoch: number;
}

/** What a member says to the delivery service, which knows who says it. */
export type GroupSaid =
  /** For who is new, and for who has lost the group: removed and added by one commit. */
  | { readonly kind: 'enter'; readonly keyPackage: Blob }
  | ({ readonly kind: 'created' } & Where)
  | ({
      readonly kind: 'commit';
      readonly commit: Blob;
      /** One for each participant whom it adds. */
      readonly welcomes: ReadonlyMap<ParticipantId, Blob>;
      readonly removed: readonly ParticipantId[];
      /** For those who join by it; `undefined` where nobody does. */
      readonly tree: Blob | undefined;
    } & Where)
  | ({ readonly kind: 'working' } & Where)
  /** The commit that led into `epoch` is taken. */
  | ({ readonly kind: 'adopted' } & Where)
  /** The commit that would lead into `epoch` is not valid. */
  | ({ readonly kind: 'reject'; readonly reason: string } & Where)
  /** Nothing can be sealed in this epoch any more: another one is wanted, whoever makes it. */
  | ({ readonly kind: 'renew' } & Where)
  | ({ readonly kind: 'catch-up' } & Where)
  /** The service asked to add this participant, whose key package is not good. */
  | ({ readonly kind: 'decline'; readonly participant: ParticipantId } & Where)
  /**
   * Frames of `epoch` are opened, and sealed from `leaf` from now on or soon. `digest` differs where two members of one number
   * are in different epochs.
   */
  | ({ readonly kind: 'ready'; readonly digest: string; readonly leaf: number } & Where);

export type GroupHeard =
  /** Begins each connection: what was under way on the one before may be lost. */
  | { readonly kind: 'connected' }
  | { readonly kind: 'ask-create'; readonly generation: number }
  | ({
      readonly kind: 'ask-commit';
      readonly add: ReadonlyMap<ParticipantId, Blob>;
      readonly remove: readonly ParticipantId[];
    } & Where)
  | {
      readonly kind: 'commit';
      readonly generation: number;
      readonly past: PastCommit;
      readonly by: ParticipantId;
    }
  | ({ readonly kind: 'welcome'; readonly welcome: Blob; readonly tree: Blob } & Where)
  /** `commit` is the hash of the commit that this answers; `undefined` where it answers `created`. */
  | { readonly kind: 'accepted'; readonly epoch: number; readonly commit?: string | undefined }
  | {
      readonly kind: 'refused';
      readonly refusal: Refusal;
      readonly missed: readonly PastCommit[];
      /** The hash of the commit that this answers; `undefined` where it answers something else. */
      readonly commit: string | undefined;
    }
  | { readonly kind: 'caught-up'; readonly missed: readonly PastCommit[] }
  | {
      readonly kind: 'rejected';
      readonly epoch: number;
      readonly by: ParticipantId;
      readonly reason: string;
    }
  /** The newest commit counts no longer, `epoch` is the newest again. */
  | { readonly kind: 'reopened'; readonly epoch: number }
  /** All who said so since the last time: passed on one by one it would be N messages for each of N. */
  | ({ readonly kind: 'ready'; readonly digest: string; readonly from: readonly ParticipantId[] } & Where);

/** The relay's part. It may be hostile: what comes from it is checked here, or asks for nothing that harms. */
export interface GroupService {
  /** In order while a connection lasts. What is said without one is lost. */
  say(message: GroupSaid): void;
  /** Keeps bytes for the members of this meeting. Rejects where it cannot. */
  put(bytes: Bytes): Promise<string>;
  /** Rejects where it cannot; never reads more than `maxBytes`. */
  get(hash: string, maxBytes: number): Promise<Bytes>;
}
