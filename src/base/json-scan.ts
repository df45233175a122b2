/** Why a text is refused before it is parsed. */
export type ScanFault = 'not-json' | 'too-deep' | 'too-many-values' | 'duplicate-key' | 'forbidden-key';

export interface ScanLimits {
  readonly maxDepth: number;
  /** Keys, values and containers together. */
  readonly maxValues: number;
}

/** One per open container; `keys` are those of an object so far, absent in an array. */
interface Level {
  readonly keys: Set<string> | undefined;
  keyNext: boolean;
}

interface Scan {
  readonly limits: ScanLimits;
  readonly levels: Level[];
  values: number;
}

type Step = (scan: Scan, token: string) => ScanFault | undefined;

/** RFC 8259 section 2: brackets, separators, strings, and runs of anything else. A string never backtracks. */
const TOKEN = /[{}[\],:]|"[^"\\]*(?:\\.[^"\\]*)*"|[^\s{}[\],:"]+|\s+/y;

/**
 * Looks at JSON text without building any value of it: on text that `JSON.parse` accepts, the verdict is exact; other
 * text may pass and is left to `JSON.parse`. One pass, and it stops at the first limit.
 */
export const scanJson = (text: string, limits: ScanLimits): ScanFault | undefined => {
  const scan: Scan = { limits, levels: [], values: 0 };
  const tokens = new RegExp(TOKEN);
  while (tokens.lastIndex < text.length) {
    const token = tokens.exec(text)?.[0];
    if (token === undefined) return 'not-json';
    const fault = (STEPS[token.charAt(0)] ?? literal)(scan, token);
    if (fault !== undefined) return fault;
  }
  return undefined;
};

const countValue = (scan: Scan): ScanFault | undefined =>
  ++scan.values > scan.limits.maxValues ? 'too-many-values' : undefined;

const open = (scan: Scan, bracket: string): ScanFault | undefined => {
  const isObject = bracket === '{';
  scan.levels.push({ keys: isObject ? new Set() : undefined, keyNext: isObject });
  return scan.levels.length > scan.limits.maxDepth ? 'too-deep' : countValue(scan);
};

const close = (scan: Scan): ScanFault | undefined =>
  scan.levels.pop() === undefined ? 'not-json' : undefined;

const comma = (scan: Scan): undefined => {
  const level = scan.levels.at(-1);
  if (level !== undefined) level.keyNext = level.keys !== undefined;
};

const text = (scan: Scan, token: string): ScanFault | undefined => {
  const level = scan.levels.at(-1);
  if (level?.keys !== undefined && level.keyNext) {
    level.keyNext = false;
    const fault = addKey(level.keys, token);
    if (fault !== undefined) return fault;
  }
  return countValue(scan);
};

const addKey = (keys: Set<string>, token: string): ScanFault | undefined => {
  const key = keyOf(token);
  if (key === undefined) return 'not-json';
  if (key === '__proto__') return 'forbidden-key';
  if (keys.has(key)) return 'duplicate-key';
  keys.add(key);
  return undefined;
};

/** "\u0061" and "a" are one key: escapes are resolved before keys are compared. */
const keyOf = (token: string): string | undefined => {
  if (!token.includes('\\')) return token.slice(1, -1);
  try {
    return String(JSON.parse(token));
  } catch {
    return undefined;
  }
};

const literal = (scan: Scan, token: string): ScanFault | undefined =>
  /^\s/.test(token) ? undefined : countValue(scan);
const colon = (): undefined => undefined;

/** By the first character of a token. */
const STEPS: Readonly<Record<string, Step>> = {
  '{': open,
  '[': open,
  '}': close,
  ']': close,
  ',': comma,
  ':': colon,
  '"': text,
};
