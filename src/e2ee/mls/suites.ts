import type { CiphersuiteName } from 'ts-mls';

/** A deployment's choice, fixed by the charter: hybrid against whoever records today, or classical (RFC 9420 section 17.1). */
export type MlsSuite = 'x-wing' | 'x25519' | 'p-384';

/** X25519 and ML-KEM-768 together; what it costs is bytes: 1.1 KB more for each key that a commit is sealed to. */
export const DEFAULT_MLS_SUITE: MlsSuite = 'x-wing';

/** X-Wing has no registered number yet: the library's private one. Suites 1 and 7 are RFC 9420's. */
export const SUITE_NAMES: Readonly<Record<MlsSuite, CiphersuiteName>> = {
  'x-wing': 'MLS_256_XWING_AES256GCM_SHA512_Ed25519',
  x25519: 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519',
  'p-384': 'MLS_256_DHKEMP384_AES256GCM_SHA384_P384',
};
