import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';

/** JSON that people edit: what is in it, and on which line. */
export interface Located {
  readonly value: unknown;
  /** Lines are counted from 1; for what is missing, the line of what it is missing from. */
  lineOf(path: readonly PropertyKey[]): number;
}

/** Deeper than any file that is read so; each level costs stack. */
const MAX_DEPTH = 16;
/** RFC 8259 section 2, with the white space before. A string never backtracks. */
const TOKEN = /[ \t\r\n]*([{}[\],:]|"[^"\\]*(?:\\.[^"\\]*)*"|[^ \t\r\n{}[\],:"]+|"|$)/y;
const END = '';

type Path = readonly (string | number)[];
const keyOf = (path: readonly PropertyKey[]): string => JSON.stringify(path.map(String));

interface Token {
  readonly text: string;
  readonly at: number;
}

/** Goes to the end of the text at the first fault, so that nothing is read after it. */
class Reader {
  fault: { readonly at: number; readonly why: string } | undefined;
  readonly starts = new Map<string, number>();
  readonly #tokens = new RegExp(TOKEN);
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token {
    const from = this.#tokens.lastIndex;
    const match = this.fault ? null : this.#tokens.exec(this.#text);
    const text = match?.[1] ?? END;
    return { text, at: match === null ? from : match.index + match[0].length - text.length };
  }

  fail({ at }: Token, why: string): undefined {
    this.fault ??= { at, why };
  }

  lineAt(at: number): number {
    return this.#text.slice(0, at).split('\n').length;
  }
}

/** The value of `text`, or the line of the first thing that is no JSON or repeats a key. */
export const parseLocated = (text: string): Result<Located, Refusal<'json.malformed'>> => {
  const reader = new Reader(text);
  const value = readValue(reader, reader.next(), []);
  const rest = reader.next();
  if (rest.text !== END) reader.fail(rest, 'the text should end here');
  const { fault } = reader;
  if (fault !== undefined) return refuse('json.malformed', `line ${reader.lineAt(fault.at)}: ${fault.why}`);
  return ok({ value, lineOf: (path) => reader.lineAt(startOf(reader.starts, path)) });
};

const startOf = (starts: ReadonlyMap<string, number>, path: readonly PropertyKey[]): number => {
  for (let size = path.length; size > 0; size--) {
    const start = starts.get(keyOf(path.slice(0, size)));
    if (start !== undefined) return start;
  }
  return starts.get(keyOf([])) ?? 0;
};

const readValue = (reader: Reader, token: Token, path: Path): unknown => {
  if (!reader.starts.has(keyOf(path))) reader.starts.set(keyOf(path), token.at);
  if (path.length > MAX_DEPTH) return reader.fail(token, 'this is nested too deeply');
  if (token.text === '{') return readObject(reader, path);
  if (token.text === '[') return readArray(reader, path);
  return readScalar(reader, token);
};

const readScalar = (reader: Reader, token: Token): unknown => {
  try {
    return JSON.parse(token.text);
  } catch {
    return reader.fail(token, token.text === END ? 'the text ends too early' : 'a value should stand here');
  }
};

const readObject = (reader: Reader, path: Path): Record<string, unknown> => {
  const entries = new Map<string, unknown>();
  for (let token = reader.next(); token.text !== '}' || entries.size > 0; token = reader.next()) {
    const key = readKey(reader, token, entries);
    if (key === undefined) break;
    reader.starts.set(keyOf([...path, key]), token.at);
    entries.set(key, readValue(reader, reader.next(), [...path, key]));
    if (!goesOn(reader, '}')) break;
  }
  return Object.fromEntries(entries);
};

const readKey = (reader: Reader, token: Token, entries: ReadonlyMap<string, unknown>): string | undefined => {
  const key = token.text.startsWith('"') ? readScalar(reader, token) : undefined;
  if (typeof key !== 'string') return reader.fail(token, 'a key in quotes should stand here');
  if (entries.has(key)) return reader.fail(token, `the key ${JSON.stringify(key)} stands here a second time`);
  const colon = reader.next();
  return colon.text === ':' ? key : reader.fail(colon, 'a colon should stand here');
};

const readArray = (reader: Reader, path: Path): unknown[] => {
  const items: unknown[] = [];
  for (let token = reader.next(); token.text !== ']' || items.length > 0; token = reader.next()) {
    items.push(readValue(reader, token, [...path, items.length]));
    if (!goesOn(reader, ']')) break;
  }
  return items;
};

/** Whether another entry follows. */
const goesOn = (reader: Reader, bracket: string): boolean => {
  const token = reader.next();
  if (token.text !== ',' && token.text !== bracket)
    reader.fail(token, `a comma or ${bracket} should stand here`);
  return token.text === ',';
};
