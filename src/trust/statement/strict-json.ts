import type { z } from 'zod';
import type { Bytes } from '../../base/bytes.ts';
import { scanJson } from '../../base/json-scan.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';

export type JsonRefusal = Refusal<'json.too-large' | 'json.not-utf8' | 'json.malformed' | 'json.invalid'>;

/** Nesting in statements reaches 4. */
const MAX_DEPTH = 8;
/** The longest is a revocation list of 30,000 entries; the bound of bytes is the tighter one for all others. */
const MAX_VALUES = 65_536;

/** `bytes` as UTF-8 of one JSON text without repeated keys that `schema` takes as it stands. */
export const readJson = <T>(bytes: Bytes, maxBytes: number, schema: z.ZodType<T>): Result<T, JsonRefusal> => {
  if (bytes.length > maxBytes) return refuse('json.too-large', `at most ${maxBytes} bytes are read`);
  const text = decodeUtf8(bytes);
  if (text === undefined) return refuse('json.not-utf8', 'the text is not UTF-8');
  const fault = scanJson(text, { maxDepth: MAX_DEPTH, maxValues: MAX_VALUES });
  if (fault !== undefined) return refuse('json.malformed', `the text is refused: ${fault}`);
  const value = parse(text);
  return value === undefined ? refuse('json.malformed', 'the text is not JSON') : checkShape(value, schema);
};

const decodeUtf8 = (bytes: Bytes): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The place and the sort of the first fault, never what was written there. */
export const checkShape = <T>(value: unknown, schema: z.ZodType<T>): Result<T, JsonRefusal> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? 'the whole' : issue.path.join('.');
  return refuse('json.invalid', `${place}: ${issue?.code ?? 'malformed'}`);
};
