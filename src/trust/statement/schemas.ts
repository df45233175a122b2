import { z } from 'zod';
import { fromBase64Url } from '../../base/bytes.ts';
import { asId, type Branded, isId } from '../../base/ids.ts';

/** Canonical base64url of `minBytes` to `maxBytes` bytes: one text for one value, so that nothing has two forms. */
export const bytesText = (minBytes: number, maxBytes = minBytes) =>
  z
    .string()
    .max(Math.ceil((maxBytes * 4) / 3))
    .refine((text) => {
      const size = fromBase64Url(text)?.length;
      return size !== undefined && size >= minBytes && size <= maxBytes;
    }, 'is not base64url of that many bytes');

export const idText = <Id extends Branded<string>>() =>
  z
    .string()
    .refine(isId, 'is no id')
    .transform((text) => asId<Id>(text));

export const unixMs = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Without repeats: a list that means a set has one text for one set. */
export const distinct = <T>(items: readonly T[]): boolean => new Set(items).size === items.length;
