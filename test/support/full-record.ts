/**
 * A record on a disk of its own that is filled: `full-record.ts FOLDER`. Prints as JSON what became of each line, and what stands
 * in the file then. To be run where nobody else sees what is mounted: `unshare --mount --map-root-user`.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAuditFile } from '../../src/signaling/audit/file.ts';

const DISK = 'size=2m,mode=700';
/** So many bytes are left: a part of the line that comes next. */
const LEFT_BYTES = 8_192;
const [folder = ''] = process.argv.slice(2);
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', DISK, 'tmpfs', folder]);
if (mounted.status !== 0) throw new Error(String(mounted.stderr));
const [path, filler] = [join(folder, 'a.record'), join(folder, 'filler')];

const record = openAuditFile(path);
const append = (letter: string): string => {
  try {
    record.append(`${letter.repeat(4 * LEFT_BYTES)}\n`);
    return 'ok';
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
};
record.holdReserve();
const before = append('a');
try {
  for (;;) writeFileSync(filler, Buffer.alloc(4_096, 0xff), { flag: 'a' });
} catch {
  truncateSync(filler, statSync(filler).size - LEFT_BYTES);
}
const full = append('b');
record.releaseReserve();
const released = append('c');
record.close();
const lines = readFileSync(path, 'utf8')
  .split('\n')
  .map((line) => `${line.slice(0, 1)} ${line.length}`);
console.log(JSON.stringify({ before, full, released, lines }));
