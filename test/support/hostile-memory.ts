import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** Everything that a process holds and may write to. */
export const memoryOf = (pid: number): Buffer => {
  const file = openSync(`/proc/${pid}/mem`, 'r');
  const parts = readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      return from === undefined || to === undefined
        ? []
        : [readPart(file, BigInt(`0x${from}`), BigInt(`0x${to}`))];
    });
  closeSync(file);
  return Buffer.concat(parts);
};

/** A part that was given back meanwhile is empty. */
const readPart = (file: number, from: bigint, to: bigint): Buffer => {
  const part = Buffer.alloc(Number(to - from));
  try {
    return part.subarray(0, readSync(file, part, 0, part.length, from));
  } catch {
    return Buffer.alloc(0);
  }
};

/** A process and all that it started: the media workers are the relay's too. */
export const familyOf = (pid: number): number[] => {
  const started = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...started.flatMap(familyOf)];
};

/** Every file below. */
export const filesBelow = (folder: string): Buffer =>
  Buffer.concat(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name))),
  );

export interface Needle {
  readonly what: string;
  readonly bytes: Buffer;
}

/** As many of a needle's first bytes as are looked up at once. */
const HEAD_BYTES = 2;

const isAt = (place: Buffer, bytes: Buffer, at: number): boolean =>
  place.subarray(at, at + bytes.length).equals(bytes);

/** What of `needles` lies in `place`. One pass, however many there are: memory is hundreds of megabytes. */
export const foundIn = (place: Buffer, needles: readonly Needle[]): string[] => {
  const byHead = new Array<Needle[] | undefined>(1 << 16);
  for (const needle of needles) {
    const head = needle.bytes.readUInt16LE();
    byHead[head] = [...(byHead[head] ?? []), needle];
  }
  const found = new Set<string>();
  for (let i = 0; i + HEAD_BYTES <= place.length; i++) {
    const candidates = byHead[(place[i] ?? 0) | ((place[i + 1] ?? 0) << 8)];
    if (candidates === undefined) continue;
    for (const { what, bytes } of candidates)
      if (place[i + HEAD_BYTES] === bytes[HEAD_BYTES] && isAt(place, bytes, i)) found.add(what);
  }
  return [...found];
};
