import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { isAlive, readOwner, withLock } from '../../../scripts/lib/lock.mjs';

const LOCK_MODULE = new URL('../../../scripts/lib/lock.mjs', import.meta.url).href;

describe('withLock', () => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-lock-'));
  const children: ChildProcess[] = [];
  after(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  /** A process that runs `body` while it holds the lock; settles when it says that it holds it. */
  async function holder(path: string, body: string): Promise<ChildProcess> {
    const code = `
      const { withLock } = await import(${JSON.stringify(LOCK_MODULE)});
      await withLock(${JSON.stringify(path)}, 'a test', async () => { console.log('held'); ${body} }, () => {});`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(child);
    await once(child.stdout, 'data');
    return child;
  }

  const UNTIL_TOLD =
    "await new Promise((resolve) => process.stdin.once('data', resolve)); process.stdin.destroy();";

  it('gives the work’s result, and leaves no file behind', async () => {
    const path = join(folder, 'plain');
    assert.equal(await withLock(path, 'a test', async () => readOwner(path)?.pid), process.pid);
    assert.equal(existsSync(path), false);
    await assert.rejects(
      withLock(path, 'a test', () => Promise.reject(new Error('no'))),
      /no/,
    );
    assert.equal(existsSync(path), false);
  });

  it('waits for a living owner, and says for whom', async () => {
    const path = join(folder, 'living');
    const other = await holder(path, UNTIL_TOLD);
    const waitedFor: number[] = [];
    const mine = withLock(
      path,
      'a test',
      async () => other.exitCode,
      (owner) => {
        waitedFor.push(owner.pid);
        other.stdin?.write('go');
      },
    );
    await mine;
    assert.deepEqual(waitedFor, [other.pid]);
  });

  it('takes over the lock of a process that was killed', async () => {
    const path = join(folder, 'killed');
    const other = await holder(path, UNTIL_TOLD);
    other.kill('SIGKILL');
    await once(other, 'exit');
    assert.equal(readOwner(path)?.pid, other.pid);
    assert.equal(await withLock(path, 'a test', async () => readOwner(path)?.pid), process.pid);
  });

  it('takes over from a process id that now belongs to another process', async () => {
    const path = join(folder, 'reused');
    writeFileSync(path, JSON.stringify({ pid: process.pid, startedAt: 'long ago', what: 'a test' }));
    assert.equal(await withLock(path, 'a test', async () => 'mine'), 'mine');
  });

  it('takes over a lock that lost its content', async () => {
    const path = join(folder, 'empty');
    writeFileSync(path, '');
    assert.equal(await withLock(path, 'a test', async () => 'mine'), 'mine');
  });

  it('lets one at a time in, when many find the same dead owner', async () => {
    const path = join(folder, 'many');
    const log = join(folder, 'log');
    writeFileSync(path, JSON.stringify({ pid: 0, startedAt: '', what: 'dead' }));
    const body = `
      const { appendFileSync } = await import('node:fs');
      const { setTimeout } = await import('node:timers/promises');
      appendFileSync(${JSON.stringify(log)}, 'in\\n');
      await setTimeout(20);
      appendFileSync(${JSON.stringify(log)}, 'out\\n');`;
    const all = await Promise.all([1, 2, 3].map(() => holder(path, body)));
    await Promise.all(all.map((child) => child.exitCode ?? once(child, 'exit')));
    assert.equal(readFileSync(log, 'utf8'), 'in\nout\n'.repeat(3));
  });
});

describe('isAlive', () => {
  it('knows no process 0', () => {
    assert.equal(isAlive({ pid: 0, startedAt: '', what: '' }), false);
  });
});
