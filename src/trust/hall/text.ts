import { z } from 'zod';
import { utf8 } from '../../base/bytes.ts';

/** Control characters, and those that turn the direction of what stands beside them: a name stands beside certified ones. */
const UNSHOWABLE = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;

/** What people read as it is: well-formed, of 1 to `maxBytes` bytes of UTF-8. */
export const shownText = (maxBytes: number) =>
  z
    .string()
    .refine((text) => text.isWellFormed() && !UNSHOWABLE.test(text), 'has characters that cannot be shown')
    .refine((text) => text !== '' && utf8(text).length <= maxBytes, `has 1 to ${maxBytes} bytes`);
