import { z } from 'zod';
import { envelopeSchema } from './statement.ts';

/** A statement with the certificate of its key: whoever has the root can check it alone. */
export const vouchedSchema = z.strictObject({
  /** PEM. */
  certificate: z.string().max(4_096),
  statement: envelopeSchema,
});
export type Vouched = z.infer<typeof vouchedSchema>;
