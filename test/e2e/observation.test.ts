import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { formatLink } from '../../src/client/link.ts';
import { type BelfryProcess, runBelfry } from '../support/belfry-process.ts';
import { type ServedMeeting, serveMeeting } from '../support/served-meeting.ts';

let served: ServedMeeting;
let relay: BelfryProcess;
let base: string;

before(async () => {
  served = await serveMeeting(undefined, ['--workers', '2']);
  relay = served.process;
  const [, url = ''] = await relay.printed(/Watch: +(http:\/\/\S+)\/metrics/);
  base = url;
});
after(() => served.stop());

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

test('codes of closed connections and of HTTP refusals are counted', async () => {
  const signaling = /ws:\/\/(\S+),/.exec(relay.output())?.[1] ?? '';
  assert.equal((await fetch(`http://${signaling}/nothing`)).status, 404);
  const socket = new WebSocket(`ws://${signaling}/v1/meet`, 'belfry.v1');
  await once(socket, 'open');
  socket.send('{"id":1,"kind":"leave"}');
  await once(socket, 'close');
  const { body } = await get('/metrics');
  assert.match(body, /^belfry_signaling_turned_away_total\{code="http.not-found"\} [1-9]/m);
  assert.match(body, /^belfry_signaling_closes_total\{code="order.hello-first"\} [1-9]/m);
});

test('promtool finds nothing wrong with the metrics of a running relay', async (t) => {
  const { status, body } = await get('/metrics');
  assert.equal(status, 200);
  const lint = spawnSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8' });
  if (lint.error) return t.skip('promtool is not installed');
  assert.equal(lint.status, 0, lint.stderr + lint.stdout);
});

test('metrics hold no address, no id and no link, with people in a meeting', async () => {
  const { link, people } = served;
  const check = runBelfry(['check'], { input: await people.linksToCheck(link) });
  await check.printed(/measuring/);
  const { body } = await get('/metrics');
  assert.match(body, /^belfry_participants 3$/m);
  await check.stop();
  assert.doesNotMatch(body, /\d+\.\d+\.\d+\.\d+|127\.0|::1/);
  const known = `${relay.output()} ${formatLink(link)}`;
  for (const part of known.match(/[A-Za-z0-9_-]{20,}/g) ?? []) assert.ok(!body.includes(part));
  assert.match(body, /^belfry_worker_up\{worker="[^"]+"\} 1$/m);
  assert.match(body, /^belfry_event_loop_delay_seconds_count [1-9]/m);
});

/** Kills or stops one worker; answers its name in the log, and how long that took. */
const harm = async (signal: NodeJS.Signals, why: string) => {
  const [victim = 0] = workerProcesses();
  const atMs = performance.now();
  process.kill(victim, signal);
  const died = new RegExp(`"event":"worker.died","worker":"(w\\d+)"[^\\n]*"why":"${why}"`);
  const [, worker = ''] = await relay.logged(died);
  return { worker, victim, tookMs: performance.now() - atMs };
};

for (const [signal, why] of [
  ['SIGSTOP', 'silent'],
  ['SIGKILL', 'crashed'],
] as const) {
  test(`a worker that met ${signal} is reported by name within 3 s, and replaced`, {
    timeout: 30_000,
  }, async () => {
    const { worker, victim, tookMs } = await harm(signal, why);
    assert.ok(tookMs < 3_000, `reported after ${tookMs} ms`);
    assert.match(
      (await get('/metrics')).body,
      new RegExp(`belfry_worker_deaths_total\\{worker="${worker}",why="${why}"\\} 1`),
    );
    await relay.logged(new RegExp(`"why":"${why}"[\\s\\S]*"event":"worker.started","worker":"${worker}"`));
    assert.deepEqual(await get('/readyz'), { status: 200, body: 'ready\n' });
    assert.ok(!workerProcesses().includes(victim));
  });
}
