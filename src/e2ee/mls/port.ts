import type { Bytes } from '../../base/bytes.ts';
import type { Refusal, Result } from '../../base/result.ts';
import type { MlsSuite } from './suites.ts';

/** What a meeting's group is bound to, as the charter has it. Part of the group context: every epoch's keys depend on it. */
export interface MeetingContext {
  readonly meeting: string;
  readonly marking: string;
  readonly suite: MlsSuite;
  /** The chair's identity, as the charter names it. */
  readonly chair: string;
  readonly charterHash: Bytes;
}

/** A leaf of the tree. `leaf` means a person for one epoch only: leaves are given out again. */
export interface Member {
  readonly leaf: number;
  /** DER, the member's own first. */
  readonly certificates: readonly Bytes[];
  /** Has to be the first certificate's key: for the judge to see. */
  readonly signatureKey: Bytes;
}

/** Somebody who may become a member: without a leaf yet. */
export type Candidate = Omit<Member, 'leaf'>;

/** Looks at everybody who would be in the group: `undefined` if all may be. Pure, and never throws. */
export type Judge = (members: readonly Member[]) => Refusal | undefined;

/** An epoch that somebody proposes, checked, and not yet the group's. */
export interface StagedEpoch {
  readonly epoch: bigint;
  /** Leaf before the commit. */
  readonly committer: number;
  readonly added: readonly Member[];
  readonly removed: readonly Member[];
  readonly members: readonly Member[];
  /** This device is among `removed`: adopting ends the group here. */
  readonly selfRemoved: boolean;
}

/** What a commit of one's own sends. The tree goes out once, apart from the Welcomes, which authenticate its hash. */
export interface OwnCommit extends StagedEpoch {
  readonly message: Bytes;
  /** One for each key package added, in that order. */
  readonly welcomes: readonly Bytes[];
  readonly tree: Bytes;
  /** By the suite's hash. */
  readonly treeBlobHash: Bytes;
}

/** Key packages to add, leaves to remove; nothing of either renews this member's own keys. */
export interface Change {
  readonly add?: readonly Bytes[];
  readonly remove?: readonly number[];
}

/**
 * Seals names and titles. The group's first epoch has one, and each epoch that somebody was removed into: whoever joins is given
 * those in force, whoever was removed has none of those that follow.
 */
export interface HallKey {
  readonly epoch: bigint;
  readonly key: Bytes;
}

/** RFC 9420 section 8.7: equal on two devices exactly where both are in the same epoch of the same group. */
export interface EpochCode {
  /** 20 digits, 66 bits. */
  readonly digits: string;
  /** 9 words, 72 bits. */
  readonly words: readonly string[];
}

/**
 * A group as one device sees it. Refusals leave it as it was. `mls.ended` after this device was removed;
 * `mls.stale` where another commit was adopted in between.
 */
export interface Group {
  readonly context: MeetingContext;
  epoch(): bigint;
  ownLeaf(): number;
  members(): readonly Member[];
  /** Stages a commit of one's own: to be adopted when the delivery service took it. */
  commit(change: Change, judge: Judge): Promise<Result<OwnCommit>>;
  /** Another's commit for this epoch: verified whole, judged whole, nothing adopted. */
  stage(message: Bytes, judge: Judge): Promise<Result<StagedEpoch>>;
  /** `staged` must come from this group. Secrets of the epoch left behind are wiped. */
  adopt(staged: StagedEpoch): Promise<Result<undefined>>;
  /** RFC 9605 section 5.2: the epoch's base key, `size` bytes (Nk of the SFrame suite). */
  baseKey(size: number): Promise<Result<Bytes>>;
  epochCode(): Promise<Result<EpochCode>>;
  /** Those in force, the oldest first: at least one, at most 64. */
  hallKeys(): Promise<Result<readonly HallKey[]>>;
  /** For good: its secrets are wiped, and it answers `mls.ended`. */
  end(): void;
}

/** A device's part in RFC 9420: its groups begin here. */
export interface GroupKeyAgreement {
  /** A fresh key package (MLSMessage). Its private half is kept for one Welcome; of several the oldest is forgotten. */
  keyPackage(): Promise<Bytes>;
  /** Who another's key package says it is of. Its signatures are checked where it is added. */
  candidate(keyPackage: Bytes): Promise<Result<Candidate>>;
  create(context: MeetingContext): Promise<Result<Group>>;
  /** Refuses a group of any other context than the one that the caller verified. */
  join(welcome: Bytes, tree: Bytes, context: MeetingContext, judge: Judge): Promise<Result<Group>>;
}
