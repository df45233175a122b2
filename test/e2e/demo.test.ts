import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CAST, LATER } from '../../bin/demo/cast.ts';
import { findRecords, recordFolderIn } from '../../src/app/record/files.ts';
import { runBelfry } from '../support/belfry-process.ts';
import { memoryOf } from '../support/hostile-memory.ts';
import { trapNames } from '../support/name-trap.ts';
import { CHECKED } from '../support/people-home.ts';
import { serveMeeting } from '../support/served-meeting.ts';

const LIMIT_MS = 120_000;
const TABLE = /Keys were agreed on by X-Wing,[\s\S]*\d+ frames seen, 0 in clear[\s\S]*Self-check passed/;

const lookUp = ([file = '', ...args]: readonly string[], name: string): void => {
  const program = `require('node:dns').lookup('${name}', () => {})`;
  spawnSync(file, [...args, process.execPath, '-e', program]);
};

/** As whoever looks for a name would read them: without case and accents. Random ids are one word each. */
const wordsIn = (text: string): ReadonlySet<string> =>
  new Set(
    text
      .normalize('NFD')
      .replaceAll(/\p{M}/gu, '')
      .toLowerCase()
      .match(/[\w+/=-]+/gu),
  );
const NAMES = [...wordsIn([...CAST, LATER].map(({ name }) => name).join(' '))];

/** People are ids there. */
const assertNameless = async (folder: string, log: string): Promise<void> => {
  const [path = '', ...more] = await findRecords(recordFolderIn(folder));
  assert.equal(more.length, 0);
  const [inRecord, inLog] = [wordsIn(readFileSync(path, 'utf8')), wordsIn(log)];
  for (const { id } of [...CAST, LATER]) assert.ok(inRecord.has(id), 'the record is read');
  assert.ok(inLog.has('joined'), 'the log is read');
  assert.equal(NAMES.length, 4);
  assert.deepEqual(
    NAMES.filter((name) => inRecord.has(name) || inLog.has(name)),
    [],
  );
};

test('demo --once: a sealed meeting of three passes, and says so; neither record nor log has a name', {
  timeout: LIMIT_MS,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-demo-'));
  try {
    const run = runBelfry(['demo', '--once', '--state-dir', folder, '--log-level', 'info']);
    const { status } = await run.ended;
    assert.equal(status, 0, run.output() + run.errors());
    assert.match(run.output(), TABLE);
    await assertNameless(folder, run.errors());
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the same with only loopback, and no name is looked up', { timeout: LIMIT_MS }, async (t) => {
  const trap = trapNames();
  if (trap === undefined) return t.skip('needs root and unshare');
  lookUp(trap.wrapper, 'canary.invalid');
  assert.ok(trap.names().includes('canary.invalid'), 'the trap sees a lookup');
  const seenBefore = trap.names().length;
  const run = runBelfry(['demo', '--once'], { wrapper: trap.wrapper });
  const { status } = await run.ended;
  assert.equal(status, 0, run.output() + run.errors());
  assert.match(run.output(), TABLE);
  assert.deepEqual(trap.names().slice(seenBefore), []);
});

test('three links to a relay that serves let their people in', { timeout: LIMIT_MS }, async () => {
  const served = await serveMeeting();
  const links: string[] = [];
  for (const name of CHECKED) links.push(await served.linkFor(name));
  const check = runBelfry(['check'], { input: `${links.join('\n')}\n` });
  const { status } = await check.ended;
  await served.stop();
  assert.equal(status, 0, check.output() + check.errors());
});

test('neither secrets nor codes are arguments of any process, or known to that of the relay', {
  timeout: LIMIT_MS,
}, async () => {
  const relay = runBelfry(['demo']);
  await relay.printed(/(?:http:\/\/\S+#\S+[\s\S]*){3}Check:/);
  const links = relay.output().match(/http:\/\/\S+#\S+/g) ?? [];
  const fields = links.map((link) => new URLSearchParams(link.split('#')[1]));
  assert.ok(fields.every((of) => !of.has('secret')));
  const codes = fields.map((of) => of.get('code') ?? '');
  assert.equal(new Set(codes).size, 3, 'a code for each');
  assert.ok(codes.every((code) => code.length >= 24));
  const titles = fields.flatMap((of) => of.get('title') ?? []);
  assert.equal(titles.length, 1, 'the chair’s link alone has the title');
  const secrets = [...codes, ...titles];
  const { stdout } = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  const memory = memoryOf(relay.child.pid ?? 0);
  assert.ok(memory.includes(Buffer.from('belfry.v1')), 'the memory is looked at');
  for (const secret of secrets) {
    assert.ok(!stdout.includes(secret));
    assert.ok(!memory.includes(Buffer.from(secret)));
  }
  await relay.stop();
});
