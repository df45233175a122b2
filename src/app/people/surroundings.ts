import { secureRandomBytes, systemClock } from '../../base/platform.ts';
import type { At } from './authority.ts';

/** Now, and the platform's randomness: a command of the authority begins here. */
export const hereAndNow = (folder: string): At => ({
  folder,
  nowUnixMs: systemClock.unixMs(),
  randomBytes: secureRandomBytes,
});
