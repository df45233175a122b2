/**
 * Every algorithm that a signature here may use, by its name in JOSE (RFC 7518 section 3.1). The key decides, never the
 * message: a statement's `alg` must be its key's. All of them exist in browsers with keys that cannot be taken out.
 */
export const ALGORITHMS = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256', signatureBytes: 64 },
  ES384: { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384', signatureBytes: 96 },
} as const;
export type Alg = keyof typeof ALGORITHMS;

export const ALGS = Object.keys(ALGORITHMS) as readonly Alg[];

/** The authority's own keys, and devices' unless they choose. */
export const DEFAULT_ALG: Alg = 'ES256';

/** Of a curve as WebCrypto names it; `undefined` for what no key of ours has. */
export const algOfCurve = (namedCurve: unknown): Alg | undefined =>
  ALGS.find((alg) => ALGORITHMS[alg].namedCurve === namedCurve);
