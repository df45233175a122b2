import type { FrameKeys } from '../frame-keys.ts';
import type { SyncDriver } from '../sframe/driver.ts';
import type { SuiteId } from '../sframe/suites.ts';

export interface FrameKeysOptions {
  /** `nodeDriver` where there is Node, else `nobleDriver`. No default: a browser's bundle must not hold node:crypto. */
  readonly driver: SyncDriver;
  /** `DEFAULT_SUITE` where absent. Everybody in a meeting has the same. */
  readonly suite?: SuiteId;
}

export const createFrameKeys = (_options: FrameKeysOptions): FrameKeys => {
  throw new Error('not implemented yet');
};
