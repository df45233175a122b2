import { z } from 'zod';
import type { MeetingId } from '../../base/ids.ts';
import { bytesText, idText } from '../statement/schemas.ts';
import type { StatementKind } from '../statement/statement.ts';

const SALT_BYTES = 16;
const MAX_SENDER_NUMBER = 2 ** 20 - 1;

const schema = z.strictObject({
  meeting: idText<MeetingId>(),
  /** Of the announcement: random, so that two joins of one device are told apart. */
  salt: bytesText(SALT_BYTES),
  /** Of the announcement: what this device's sealed frames carry. */
  number: z.int().min(0).max(MAX_SENDER_NUMBER),
});
export type Presence = z.infer<typeof schema>;

/** A device says that an announcement is its own: nobody else's certificate goes with it. */
export const PRESENCE: StatementKind<Presence> = { kind: 'presence', schema, maxBytes: 1_024 };
