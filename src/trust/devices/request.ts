import { z } from 'zod';
import { ALGS } from '../statement/algorithms.ts';
import { bytesText } from '../statement/schemas.ts';
import type { StatementKind } from '../statement/statement.ts';

/** SubjectPublicKeyInfo of P-256 has 91 bytes, of P-384 120. */
const MAX_SPKI_BYTES = 160;

export const REQUEST_NONCE_BYTES = 16;

const schema = z.strictObject({
  /** Random: of two requests of one key each has an answer of its own. */
  nonce: bytesText(REQUEST_NONCE_BYTES),
  alg: z.enum(ALGS),
  publicKey: bytesText(1, MAX_SPKI_BYTES),
  /**
   * HMAC-SHA256 of the key under the code's hash: it shows that the code is known and gives it to nobody on the way,
   * who could else ask for a certificate of his own. Absent when a certificate is to be renewed.
   */
  proof: bytesText(32).optional(),
});

/** Signed by the key that it asks to have certified. */
export const DEVICE_REQUEST: StatementKind<z.infer<typeof schema>> = {
  kind: 'device-request',
  schema,
  maxBytes: 1_024,
};
