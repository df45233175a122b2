import { z } from 'zod';
import { fromHex } from '../../src/base/bytes.ts';
import { MAX_UINT64 } from '../../src/framing/sframe-header.ts';

const uint64 = z
  .union([z.int().min(0), z.bigint().min(0n).max(MAX_UINT64)])
  .transform((value) => BigInt(value));

export const hex = z.string().transform((text, context) => {
  const bytes = fromHex(text);
  if (bytes !== undefined) return bytes;
  context.addIssue('not an even number of hexadecimal digits');
  return z.NEVER;
});

const headerVector = z.object({ kid: uint64, ctr: uint64, encoded: hex });

const ctrHmacVector = z.object({
  cipher_suite: z.int(),
  key: hex,
  enc_key: hex,
  auth_key: hex,
  nonce: hex,
  aad: hex,
  pt: hex,
  ct: hex,
});

const frameVector = z.object({
  cipher_suite: z.int(),
  kid: uint64,
  ctr: uint64,
  base_key: hex,
  sframe_key_label: hex,
  sframe_salt_label: hex,
  sframe_secret: hex,
  sframe_key: hex,
  sframe_salt: hex,
  metadata: hex,
  nonce: hex,
  aad: hex,
  pt: hex,
  ct: hex,
});

/** The SFrame working group's file: a list per kind of vector. */
export const sframeFile = z.strictObject({
  header: z.array(headerVector).default([]),
  aes_ctr_hmac: z.array(ctrHmacVector).default([]),
  sframe: z.array(frameVector).default([]),
});

export type HeaderVector = z.infer<typeof headerVector>;
export type CtrHmacVector = z.infer<typeof ctrHmacVector>;
export type FrameVector = z.infer<typeof frameVector>;
export type SFrameFile = z.infer<typeof sframeFile>;
