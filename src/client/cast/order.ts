import { z } from 'zod';
import { fromBase64Url } from '../../base/bytes.ts';
import { SOURCES } from '../../base/media.ts';
import type { PersonId } from '../../trust/devices/ids.ts';
import { titleText } from '../../trust/hall/title.ts';
import { bytesText, idText } from '../../trust/statement/schemas.ts';

const person = idText<PersonId>();
const code = z.string().max(32);

/** What every program of the cast is told on its standard input; a code is no argument, which every user could read. */
export const place = {
  origin: z.url(),
  rootSha256: bytesText(32).transform((text) => fromBase64Url(text) ?? new Uint8Array()),
};

export const plan = z.strictObject({
  level: z.string(),
  groups: z.array(z.string()),
  persons: z.array(person),
  chair: person.optional(),
  deputies: z.array(person),
  grants: z.array(z.enum(SOURCES)).optional(),
});

/** Who convenes, and whom the links are for. */
export const inviting = z.strictObject({
  ...place,
  /** Where browsers open the page. */
  pageOrigin: z.url(),
  code,
  plan,
  /** For the first of those who are invited, who chairs. */
  title: titleText.optional(),
  invited: z
    .array(z.strictObject({ name: z.string(), code }))
    .min(1)
    .max(16),
});

/** Who meets: the first one convenes. */
export const meeting = z.strictObject({
  ...place,
  plan,
  cast: z
    .array(z.strictObject({ name: z.string(), code }))
    .min(2)
    .max(16),
  /** Comes midway. */
  fourth: z.strictObject({ name: z.string(), code }),
});
