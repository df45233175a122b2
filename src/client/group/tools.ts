import type { Bytes } from '../../base/bytes.ts';
import type { GroupKeyAgreement } from '../../e2ee/mls/port.ts';
import type { MlsSuite } from '../../e2ee/mls/suites.ts';
import type { SyncDriver } from '../../e2ee/sframe/driver.ts';
import type { SigningKey } from '../../trust/signing/keys.ts';
import type { PublicKeyInfo } from '../../trust/statement/statement.ts';
import type { Hash } from './blobs.ts';
import type { FetchBlobs } from './fetch-blobs.ts';

/** Who this device is in a group. */
export interface LeafOwner {
  readonly suite: MlsSuite;
  readonly certificates: readonly Bytes[];
  readonly signing: SigningKey;
  readonly publicKey: PublicKeyInfo;
}

/** A device's part in RFC 9420 for one join: nothing of it is kept over its end. */
export interface JoinAgreement {
  readonly agreement: GroupKeyAgreement;
  /** Ends whatever computes it, with all its keys. */
  end(): void;
}

/** What a meeting needs to agree on its keys. */
export interface GroupTools {
  /** In Node in the same thread; in browsers in a worker that does nothing else. */
  startAgreement(owner: LeafOwner): Promise<JoinAgreement>;
  readonly blobs: FetchBlobs;
  /** Where there is a quicker one than the platform's, whose answer takes longer to come than to find. */
  readonly hash?: Hash;
  /** For names and titles, where there is a quicker one than the portable. */
  readonly driver?: SyncDriver;
}
