/** RFC 9605 sections 4.5 and 8.1. Sizes in bytes: `key` is Nk, `encryptionKey` Nka, `nonce` Nn, `tag` Nt. */
interface SuiteShape {
  readonly name: string;
  readonly hash: SuiteHash;
  readonly keyBytes: number;
  readonly nonceBytes: number;
  readonly tagBytes: number;
}
export type SuiteHash = 'sha256' | 'sha512';

export type GcmSuite = SuiteShape & { readonly kind: 'gcm'; readonly id: 4 | 5 };
export type CtrHmacSuite = SuiteShape & {
  readonly kind: 'ctr-hmac';
  readonly id: 1 | 2 | 3;
  readonly encryptionKeyBytes: number;
};
export type Suite = GcmSuite | CtrHmacSuite;
export type SuiteId = Suite['id'];

const ctrHmac = (id: 1 | 2 | 3, tagBytes: number): CtrHmacSuite => ({
  id,
  kind: 'ctr-hmac',
  name: `AES_128_CTR_HMAC_SHA256_${8 * tagBytes}`,
  hash: 'sha256',
  keyBytes: 48,
  encryptionKeyBytes: 16,
  nonceBytes: 12,
  tagBytes,
});

export const SUITES: { readonly [Id in SuiteId]: Suite } = {
  1: ctrHmac(1, 10),
  2: ctrHmac(2, 8),
  3: ctrHmac(3, 4),
  4: {
    id: 4,
    kind: 'gcm',
    name: 'AES_128_GCM_SHA256_128',
    hash: 'sha256',
    keyBytes: 16,
    nonceBytes: 12,
    tagBytes: 16,
  },
  5: {
    id: 5,
    kind: 'gcm',
    name: 'AES_256_GCM_SHA512_128',
    hash: 'sha512',
    keyBytes: 32,
    nonceBytes: 12,
    tagBytes: 16,
  },
};

/** Costs what suite 4 costs and keeps 256-bit keys; suites 1 to 3 have shorter tags, for those who must. */
export const DEFAULT_SUITE: SuiteId = 5;
