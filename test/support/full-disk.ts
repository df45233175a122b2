/**
 * A store on a disk of its own that is filled: `full-disk.ts FOLDER`. Prints as JSON what became of each write. To be run where
 * nobody else sees what is mounted: `unshare --mount --map-root-user`.
 */
import { spawnSync } from 'node:child_process';
import { rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteStore } from '../../src/signaling/store/sqlite.ts';
import { digestOf, idOf, meetingOf } from './stored.ts';

const DISK = 'size=12m,mode=700';
const [folder = ''] = process.argv.slice(2);
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', DISK, 'tmpfs', folder]);
if (mounted.status !== 0) throw new Error(String(mounted.stderr));
const path = join(folder, 'relay.sqlite');
const open = () => openSqliteStore({ path, pid: process.pid });

/** To the last byte, in ever smaller pieces. */
const fill = (name: string): void => {
  for (let bytes = 1_048_576; bytes >= 1; bytes = bytes >> 1)
    try {
      for (;;) writeFileSync(join(folder, name), Buffer.alloc(bytes, 0xff), { flag: 'a' });
    } catch {
      // A smaller piece may fit.
    }
};
const codeOf = (written: ReturnType<ReturnType<typeof open>['sweep']>) =>
  written.ok ? 'ok' : written.refusal.code;

const store = open();
const meeting = idOf(1);
let n = 0;
const append = (isRemoval: boolean) => {
  const code = codeOf(store.appendEntries({ meeting, n: n + 1, texts: ['x'.repeat(4_000)], isRemoval }));
  if (code === 'ok') n += 1;
  return code;
};
const before = [codeOf(store.openMeeting(meetingOf(1))), append(false)];
fill('filler');
const full = {
  nonce: codeOf(store.useOnce({ kind: 'nonce', id: 'a', untilUnixMs: 99_000 })),
  entry: append(false),
  meeting: codeOf(store.openMeeting(meetingOf(2))),
};
const filler = join(folder, 'filler');
// As another reserve that is released does: it is not for those who enter.
truncateSync(filler, statSync(filler).size - 524_288);
const little = append(false);
fill('filler');
const removals = Array.from({ length: 100 }, () => append(true));
const after = {
  entry: append(false),
  list: codeOf(store.seeList({ root: digestOf(9), number: 1, digest: digestOf(1) })),
};
rmSync(filler);
const again = append(false);
store.close();
const reopened = open();
const kept = reopened.entriesAfter(meeting, 0, Number.MAX_SAFE_INTEGER).length;
fill('filler');
const ended = codeOf(reopened.endMeeting(meeting, 1));
reopened.close();
console.log(JSON.stringify({ before, full, little, removals, after, again, isKept: kept === n, ended }));
