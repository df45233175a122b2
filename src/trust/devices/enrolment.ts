import { z } from 'zod';
import { asId } from '../../base/ids.ts';
import { digestText, type StatementDigest } from '../statement/statement.ts';
import { vouchedSchema } from '../statement/vouched.ts';

/** The digest of the request that is answered. */
const request = digestText.transform((text) => asId<StatementDigest>(text));
const pem = z.string().max(4_096);

/** What the authority answers a device. Nothing in it is secret, and each part is signed: a mailbox may carry it. */
export const enrolmentAnswerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('enrolled'),
    request,
    /** The authority's; known by its hash, which the device has from whoever invited its person. */
    root: pem,
    certificate: pem,
    /** A statement of kind `scale`. */
    scale: vouchedSchema,
    /** A statement of kind `clearance`; absent where the person has none. */
    clearance: vouchedSchema.optional(),
    /** A statement of kind `devices`. */
    devices: vouchedSchema,
  }),
  /** Why, the authority alone knows: whoever tries codes learns nothing. But a device that it knows hears that it asks too often. */
  z.strictObject({ kind: z.literal('refused'), request, because: z.literal('too-often').optional() }),
]);
export type EnrolmentAnswer = z.infer<typeof enrolmentAnswerSchema>;

/** A scale of 256 KB, in base64url, is the most of it. */
export const MAX_ANSWER_BYTES = 393_216;
/** A statement of kind `devices`, in base64url, with its certificate. */
export const MAX_TOLD_DEVICES_BYTES = 32_768;
/** A request has under a thousand. */
export const MAX_REQUEST_BYTES = 8_192;
