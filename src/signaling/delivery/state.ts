import type { ParticipantId } from '../../base/ids.ts';

/** Bytes that the service never looks into, by their SHA-256 in base64url. */
export interface Blob {
  readonly hash: string;
  readonly bytes: number;
}

/** Somebody whom the next commit should add. */
export interface Waiting {
  readonly keyPackage: Blob;
  readonly sinceMs: number;
  /** A committer who did not find the key package good; a second one counts. */
  readonly declinedBy?: ParticipantId | undefined;
}

/** Somebody whom the group's current epoch holds. */
export interface GroupMember {
  /** Has renewed its path since joining, or had the turn: the path to this leaf is filled, or never will be. */
  readonly isFilled: boolean;
}

/** Who is asked for what, until when. */
export interface Task {
  /** `create` begins a group of one; `commit` adds and removes; `update` renews the committer's own path. */
  readonly kind: 'create' | 'commit' | 'update';
  readonly committer: ParticipantId;
  readonly add: ReadonlyMap<ParticipantId, Blob>;
  readonly remove: readonly ParticipantId[];
  readonly dueAtMs: number;
  readonly extensions: number;
}

/** The newest commit, as long as the epoch before it may be reopened. */
export interface Accepted {
  readonly by: ParticipantId;
  /** As they were before it. */
  readonly members: ReadonlyMap<ParticipantId, GroupMember>;
  readonly added: ReadonlyMap<ParticipantId, Blob>;
  readonly adoptedBy: ReadonlySet<ParticipantId>;
  readonly rejectedBy: ReadonlySet<ParticipantId>;
}

export interface PastCommit {
  /** The epoch that it ended. */
  readonly epoch: number;
  readonly commit: Blob;
}

/**
 * What the service knows of one meeting's group: claims of those who commit, which every member checks against the tree.
 * `leaving` are members whom the next commit must remove; one who is also `waiting` has lost the group, and is removed and
 * added by one commit, when the others have time for it.
 */
export interface DeliveryState {
  /** Groups that this meeting has had; a new one begins when nobody is left in the old one. */
  readonly generation: number;
  readonly epoch: number;
  readonly members: ReadonlyMap<ParticipantId, GroupMember>;
  readonly waiting: ReadonlyMap<ParticipantId, Waiting>;
  readonly leaving: ReadonlySet<ParticipantId>;
  readonly task: Task | undefined;
  /** Were asked in this epoch, and were silent. */
  readonly silent: ReadonlySet<ParticipantId>;
  /** Did not find a key package good in this epoch: asked after others, so that two who lie do not decide each time. */
  readonly decliners: ReadonlySet<ParticipantId>;
  /** Somebody can seal nothing in this epoch any more: another one is wanted, whoever makes it. */
  readonly isRenewalWanted: boolean;
  readonly accepted: Accepted | undefined;
  readonly history: readonly PastCommit[];
  readonly offences: ReadonlyMap<ParticipantId, number>;
  readonly changedAtMs: number;
}

export const newDelivery = (nowMs: number): DeliveryState => ({
  generation: 0,
  epoch: 0,
  members: new Map(),
  waiting: new Map(),
  leaving: new Set(),
  task: undefined,
  silent: new Set(),
  decliners: new Set(),
  isRenewalWanted: false,
  accepted: undefined,
  history: [],
  offences: new Map(),
  changedAtMs: nowMs,
});
