import type { Bytes } from '../../../base/bytes.ts';
import type { Result } from '../../../base/result.ts';
import type { PublicKeyInfo } from '../../../trust/statement/statement.ts';
import type {
  Candidate,
  Change,
  EpochCode,
  HallKey,
  MeetingContext,
  Member,
  OwnCommit,
  StagedEpoch,
} from '../port.ts';
import type { MlsSuite } from '../suites.ts';

/** Groups and staged epochs stay where they are; these are their names. */
type GroupName = number;
type StagedName = number;

/** A group as it stands after what was asked. */
export interface GroupFacts {
  readonly group: GroupName;
  readonly epoch: bigint;
  readonly ownLeaf: number;
  readonly members: readonly Member[];
}

export interface Named<Staged> {
  readonly staged: StagedName;
  readonly epoch: Staged;
}

/** What the page asks of the worker that holds a device's groups, by name: argument and answer. */
export interface Asks {
  /** Once, and first. The key need not be extractable. */
  readonly start: readonly [
    {
      readonly suite: MlsSuite;
      readonly certificates: readonly Bytes[];
      readonly privateKey: CryptoKey;
      readonly publicKey: PublicKeyInfo;
    },
    undefined,
  ];
  readonly 'key-package': readonly [undefined, Bytes];
  readonly candidate: readonly [Bytes, Result<Candidate>];
  readonly create: readonly [MeetingContext, Result<GroupFacts>];
  readonly join: readonly [
    { readonly welcome: Bytes; readonly tree: Bytes; readonly context: MeetingContext },
    Result<GroupFacts>,
  ];
  readonly commit: readonly [
    { readonly group: GroupName; readonly change: Change },
    Result<Named<OwnCommit>>,
  ];
  readonly stage: readonly [
    { readonly group: GroupName; readonly message: Bytes },
    Result<Named<StagedEpoch>>,
  ];
  readonly adopt: readonly [{ readonly group: GroupName; readonly staged: StagedName }, Result<GroupFacts>];
  readonly 'base-key': readonly [{ readonly group: GroupName; readonly size: number }, Result<Bytes>];
  readonly 'epoch-code': readonly [{ readonly group: GroupName }, Result<EpochCode>];
  readonly 'hall-keys': readonly [{ readonly group: GroupName }, Result<readonly HallKey[]>];
  readonly end: readonly [{ readonly group: GroupName }, Result<undefined>];
}
export type AskKind = keyof Asks;
export type Argument<Kind extends AskKind> = Asks[Kind][0];
export type Answer<Kind extends AskKind> = Asks[Kind][1];

/** From the page. Each is answered once, by its number. */
export interface AskMessage<Kind extends AskKind = AskKind> {
  readonly ask: number;
  readonly kind: Kind;
  readonly argument: Argument<Kind>;
}

/** `fault`: what was thrown. */
export interface AnswerMessage {
  readonly ask: number;
  readonly answer?: unknown;
  readonly fault?: string | undefined;
}
