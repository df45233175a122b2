import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type BelfryProcess, runBelfry } from '../support/belfry-process.ts';

let relay: BelfryProcess;
let base: string;

before(async () => {
  relay = runBelfry(['serve', '--port', '0', '--metrics-port', '0', '--media-port', '0', '--workers', '2']);
  const [, url = ''] = await relay.printed(/Watch: +(http:\/\/\S+)\/metrics/);
  base = url;
  await relay.printed(/Serving until/);
});
after(() => relay.stop());

const get = async (path: string) => {
  const response = await fetch(`${base}${path}`);
  return { status: response.status, body: await response.text() };
};

/** Ids of the media workers: children of the relay's process, by name. */
const workerProcesses = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const [, command = '', parent = ''] =
          /^\d+ \((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
        return command.startsWith('mediasoup-work') && Number(parent) === relay.child.pid;
      } catch {
        return false;
      }
    });

/** Asks again until `done` says so; the test's own time limit is the bound. */
const askUntil = async (path: string, done: (answer: { status: number; body: string }) => boolean) => {
  for (;;) {
    const answer = await get(path);
    if (done(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

test('promtool finds nothing wrong with the metrics of a running relay', async (t) => {
  const { status, body } = await get('/metrics');
  assert.equal(status, 200);
  const lint = spawnSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8' });
  if (lint.error) return t.skip('promtool is not installed');
  assert.equal(lint.status, 0, lint.stderr + lint.stdout);
});

test('metrics hold no address and no link', async () => {
  const { body } = await get('/metrics');
  assert.doesNotMatch(body, /\d+\.\d+\.\d+\.\d+|127\.0|::1/);
  for (const part of relay.output().match(/[A-Za-z0-9_-]{20,}/g) ?? []) assert.ok(!body.includes(part));
  assert.match(body, /^belfry_worker_up\{worker="[^"]+"\} 1$/m);
  assert.match(body, /^belfry_event_loop_delay_seconds_count [1-9]/m);
});

test('a stopped worker is reported by name within 3 s, and replaced', { timeout: 20_000 }, async () => {
  assert.equal((await get('/readyz')).status, 200);
  const [victim = 0] = workerProcesses();
  process.kill(victim, 'SIGSTOP');
  const stoppedAtMs = performance.now();
  const { body } = await askUntil('/metrics', (answer) =>
    /belfry_worker_deaths_total\{why="silent"\} 1/.test(answer.body),
  );
  assert.ok(performance.now() - stoppedAtMs < 3_000, 'within 3 s');
  assert.match(relay.errors(), /"event":"worker[^"]*".*/);
  assert.ok(body.length > 0);
  await askUntil('/readyz', ({ status }) => status === 200);
  assert.ok(!workerProcesses().includes(victim));
});

test('a crashed worker is reported by name within 3 s, and replaced', { timeout: 20_000 }, async () => {
  const [victim = 0] = workerProcesses();
  process.kill(victim, 'SIGKILL');
  const killedAtMs = performance.now();
  await askUntil('/metrics', (answer) => /belfry_worker_deaths_total\{why="crashed"\} 1/.test(answer.body));
  assert.ok(performance.now() - killedAtMs < 3_000, 'within 3 s');
  await askUntil('/readyz', ({ status }) => status === 200);
});
