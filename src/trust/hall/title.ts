import { z } from 'zod';
import type { MeetingId } from '../../base/ids.ts';
import { idText } from '../statement/schemas.ts';
import type { StatementKind } from '../statement/statement.ts';
import { shownText } from './text.ts';

/** Of UTF-8: a line on a page. */
export const MAX_TITLE_BYTES = 120;

export const titleText = shownText(MAX_TITLE_BYTES);

const schema = z.strictObject({
  meeting: idText<MeetingId>(),
  title: titleText,
  /** The highest counts. */
  n: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
});
export type Title = z.infer<typeof schema>;

/** What a meeting is called, signed by the device of somebody who leads it. */
export const TITLE: StatementKind<Title> = { kind: 'title', schema, maxBytes: 512 };
