import { createReadStream } from 'node:fs';
import { parseLine } from './chain.ts';
import { readJson, type Stamped } from './schema.ts';
import type { RecordVerifier, Verdict } from './verify.ts';

/** Longer than any line that is ever written; a file without line breaks must not fill the memory. */
const MAX_LINE_CHARS = 65_536;

/** Each line of the file without its break, in order; at the end what follows the last break. */
export const eachLine = async (path: string, take: (line: string) => void): Promise<string> => {
  let rest = '';
  for await (const part of createReadStream(path, 'utf8')) {
    const lines = (rest + String(part)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
    if (rest.length > MAX_LINE_CHARS) return rest;
  }
  return rest;
};

export const verifyFile = async (path: string, verifier: RecordVerifier): Promise<Verdict> =>
  verifier.end(await eachLine(path, (line) => verifier.take(line)));

/** Absent: whatever it is. */
export interface Wanted {
  readonly meeting?: string | undefined;
  readonly reference?: string | undefined;
}

/** What lines say, for people to read on. */
export const readEntries = async (
  path: string,
  wanted: Wanted,
  take: (entry: Stamped) => void,
): Promise<void> => {
  await eachLine(path, (text) => {
    const line = parseLine(text);
    const stamped = line && readJson(line.json);
    if (stamped !== undefined && isWanted(stamped, wanted)) take(stamped);
  });
};

const isWanted = ({ content }: Stamped, { meeting, reference }: Wanted): boolean => {
  const ofMeeting = 'meeting' in content ? content.meeting : undefined;
  const ofReference = 'reference' in content ? content.reference : undefined;
  return (
    (meeting === undefined || ofMeeting === meeting) && (reference === undefined || ofReference === reference)
  );
};
