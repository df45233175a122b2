/** The relay of a load run ends with whoever started it, however that ended. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { publicMinistry } from '../../bench/people/ministry.ts';
import { startProgram } from '../../bench/program.ts';

const home = mkdtempSync(join(tmpdir(), 'belfry-load-relay-'));
after(() => rmSync(home, { recursive: true, force: true }));

test('a relay whose starter was killed ends', async () => {
  const [state, people] = [join(home, 'relay'), join(home, 'public')];
  await publicMinistry(people, Date.now());
  const { child } = await startProgram('bench/load/relay.ts', ['1', state, people], /(\{.*\})\n/);
  after(() => child.kill('SIGKILL'));
  // As the kernel closes it with a process that is gone.
  child.stdin?.end();
  assert.deepEqual(await once(child, 'exit'), [1, null]);
});

test('a program that ended before it served tells its starter why', async () => {
  await assert.rejects(startProgram('bench/load/relay.ts', [], /(\{.*\})\n/), {
    code: 'bench.no-server',
    message: /ended before it served, status 1: [\s\S]*relay\.ts WORKERS STATE_DIR PUBLIC/,
  });
});
