import { z } from 'zod';
import type { MeetingId } from '../../base/ids.ts';
import { bytesText, idText } from '../statement/schemas.ts';
import type { StatementKind } from '../statement/statement.ts';
import { shownText } from './text.ts';

/** Of UTF-8; every sealed card has one size, and longer names would cost everybody. */
export const MAX_NAME_BYTES = 64;
const SALT_BYTES = 16;

export const nameText = shownText(MAX_NAME_BYTES);

const schema = z.strictObject({
  meeting: idText<MeetingId>(),
  /** Of the announcement: a card is of one join, and shown for no other. */
  salt: bytesText(SALT_BYTES),
  name: nameText,
});
export type Card = z.infer<typeof schema>;

/** What a participant calls itself, signed by its device. */
export const CARD: StatementKind<Card> = { kind: 'card', schema, maxBytes: 512 };
