import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { ensureReady } from '../../../scripts/lib/steps.mjs';

const RUN = new URL('../../../scripts/run.mjs', import.meta.url).pathname;

describe('scripts/run.mjs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-run-'));
  const children: ChildProcess[] = [];
  // Sources may have changed since the last set-up, which then speaks.
  before(() => ensureReady());
  after(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  function run(name: string, body: string, args: string[] = []) {
    const file = join(folder, `${name}.ts`);
    writeFileSync(file, body);
    const child = spawn(process.execPath, [RUN, file, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    children.push(child);
    return child;
  }

  it('passes arguments, input, output and the exit status through, and adds nothing', async () => {
    const body = `
      process.stdin.on('data', (data: Buffer) => {
        console.log(JSON.stringify(process.argv.slice(2)), String(data));
        process.exit(7);
      });`;
    const child = run('pass', body, ['--flag', 'two words']);
    child.stdin.write('input');
    const [output, errors, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ]);
    assert.equal(output, '["--flag","two words"] input\n');
    assert.equal(errors, '');
    assert.equal(status, 7);
  });

  it('names the worker, and runs under a Node that is new enough', async () => {
    const body =
      "console.log(process.env.BELFRY_WORKER_BIN !== undefined, process.versions.node.split('.')[0]);";
    const child = run('env', body);
    const [worker, major] = (await text(child.stdout)).trim().split(' ');
    assert.equal(worker, 'true');
    assert.ok(Number(major) >= 24);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`lets the program decide what ${signal} means`, async () => {
      const body = `
        process.on('${signal}', () => process.exit(5));
        setInterval(() => {}, 1000);
        console.log('ready');`;
      const child = run(`on-${signal}`, body);
      await once(child.stdout, 'data');
      child.kill(signal);
      assert.deepEqual(await once(child, 'exit'), [5, null]);
    });
  }

  it('tells a death by signal as a shell does', async () => {
    const child = run('killed', "process.kill(process.pid, 'SIGKILL');");
    assert.deepEqual(await once(child, 'exit'), [137, null]);
  });

  it('says how it is used, without a target', async () => {
    const child = spawn(process.execPath, [RUN], { stdio: ['ignore', 'ignore', 'pipe'] });
    children.push(child);
    const [errors, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    assert.match(errors, /Nothing to run/);
    assert.equal(status, 1);
  });
});
