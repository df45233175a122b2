import { type FileHandle, open } from 'node:fs/promises';
import { toBase64Url } from '../../base/bytes.ts';
import { type Line, parseLine } from '../../signaling/audit/chain.ts';
import { headsNamedBy, type KeptCheckpoint, type Opening, readJson } from '../../signaling/audit/schema.ts';

/** Longer than any line: the first one and the last one are found in as much of a file's beginning and of its end. */
const LINE_BYTES = 65_536;
/** Of records from before records named each other; later there is one, or as many as began in the same moment. */
const MAX_NAMED = 16;

/** How a record begins, and how far it goes. */
export interface Span {
  readonly path: string;
  readonly opening: Opening;
  readonly end: KeptCheckpoint;
}

/** `undefined` where the file does not begin as a record. Nothing is verified: whoever names an end says what it found. */
export const readSpan = async (path: string): Promise<Span | undefined> => {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const first = contentOf((await textAt(file, 0, size)).split('\n')[0]);
    const last = (await textAt(file, Math.max(0, size - LINE_BYTES), size)).split('\n').at(-2);
    const [line, stamped] = [lineOf(last), last === undefined ? undefined : stampedOf(last)];
    if (first?.kind !== 'record' || line === undefined || stamped === undefined) return undefined;
    const end = { record: first.record, count: stamped.n + 1, hash: toBase64Url(line.hash) };
    return { path, opening: first, end };
  } finally {
    await file.close();
  }
};

const textAt = async (file: FileHandle, from: number, size: number): Promise<string> => {
  const bytes = Buffer.alloc(Math.min(LINE_BYTES, size - from));
  const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
  return bytes.toString('utf8', 0, bytesRead);
};

const lineOf = (text: string | undefined): Line | undefined =>
  text === undefined ? undefined : parseLine(text);
const stampedOf = (text: string) => {
  const line = lineOf(text);
  return line && readJson(line.json);
};
const contentOf = (text: string | undefined) => (text === undefined ? undefined : stampedOf(text)?.content);

export const readSpans = async (paths: readonly string[]): Promise<readonly Span[]> => {
  const spans: Span[] = [];
  for (const path of paths) {
    const span = await readSpan(path);
    if (span !== undefined) spans.push(span);
  }
  return spans;
};

/** What the openings of these records say of each record, by its id. */
export const namedAmong = (spans: readonly Span[]): ReadonlyMap<string, readonly KeptCheckpoint[]> =>
  Map.groupBy(
    spans.flatMap(({ opening }) => headsNamedBy(opening)),
    ({ record }) => record,
  );

/** The ends of those that no other one names yet: what the next record begins with. Clocks are set back, so no order is asked. */
export const looseEnds = (spans: readonly Span[]): readonly KeptCheckpoint[] => {
  const named = namedAmong(spans);
  return spans
    .filter(({ end }) => !named.has(end.record))
    .map(({ end }) => end)
    .slice(-MAX_NAMED);
};
