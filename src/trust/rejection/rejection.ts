import { z } from 'zod';
import type { MeetingId } from '../../base/ids.ts';
import { idText } from '../statement/schemas.ts';
import { digestText, type StatementKind } from '../statement/statement.ts';

const schema = z.strictObject({
  meeting: idText<MeetingId>(),
  /** That the commit would have led into. */
  epoch: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
  /** Its hash. */
  commit: digestText,
  /** Of the refusal. */
  code: z
    .string()
    .max(64)
    .regex(/^[a-z0-9.-]+$/),
});
export type Rejection = z.infer<typeof schema>;

/** A device says why it does not take a commit of its meeting's group: nobody can say it for another. */
export const REJECTION: StatementKind<Rejection> = { kind: 'rejection', schema, maxBytes: 512 };
