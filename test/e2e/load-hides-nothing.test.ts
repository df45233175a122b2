/** What people lived through is in the result, whatever became of the streams and joins that it would have been counted on. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { childrenOf } from '../../bench/load/server/duty-cycle.ts';
import { isNamed, type LoadRun, STATUS_OF, scenarioFile, startLoad } from '../support/load-run.ts';
import { eventually } from '../support/until.ts';

const folders: string[] = [];
after(() => {
  for (const one of folders) rmSync(one, { recursive: true, force: true });
});
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'belfry-load-hidden-'));
  folders.push(made);
  return made;
};

/** Of a run: its relay and participants, and what these started. */
const descendantsOf = (run: LoadRun, depth: number, name: string): number[] => {
  let pids = [run.belfry.child.pid ?? 0];
  for (let i = 0; i < depth; i++) pids = pids.flatMap(childrenOf);
  return pids.filter(isNamed(name));
};

const descendantOf = async (run: LoadRun, depth: number, name: string): Promise<number> => {
  await eventually(`${name} runs`, () => descendantsOf(run, depth, name).length > 0);
  return descendantsOf(run, depth, name)[0] ?? 0;
};

const stoppedWhile = async (pid: number, meanwhile: () => Promise<unknown>): Promise<void> => {
  process.kill(pid, 'SIGSTOP');
  try {
    await meanwhile();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
};

/** From the tenth second on: three after the second person was to come, of which half a one is room. */
const UNTIL_LATE_MS = 5_000;
const LATE_BY_MS = 2_500;

/** Shorter than the relay takes to give up a worker that does not answer. */
const STANDS_STILL_MS = 1_000;

test('pictures that stand still for everybody are freezes, though no packet of theirs is lost', async () => {
  const passes = [
    { figure: 'freezes-per-minute', most: 0 },
    { figure: 'frozen-percent', most: 0 },
  ];
  const run = startLoad(scenarioFile(folder(), { seconds: 16, passes }));
  await run.belfry.logged(/joined 2 of 2/);
  await stoppedWhile(await descendantOf(run, 3, 'mediasoup-worker'), () => sleep(STANDS_STILL_MS));
  await run.belfry.ended;
  const { load } = run.result();
  assert.ok(load.counts.freezes >= 2, `${load.counts.freezes} freezes of two pictures`);
  assert.ok(load.counts.frozenMs >= STANDS_STILL_MS, `${load.counts.frozenMs} ms`);
  assert.deepEqual(
    load.criteria.map(({ passed }) => passed),
    [false, false],
  );
});

test('whoever is still on the way in when all is over is counted, and what they waited', async () => {
  const passes = [{ figure: 'unfinished-joins', most: 0 }];
  const arrivals = { kind: 'planned', atSeconds: [0, 13] };
  const run = startLoad(scenarioFile(folder(), { seconds: 18, arrivals, passes }));
  await run.belfry.logged(/joined 1 of 2/);
  const crews = descendantsOf(run, 2, 'crew/main.ts');
  assert.equal(crews.length, 2);
  // Until those have told all who are on the way in.
  await stoppedWhile(await descendantOf(run, 2, 'load/relay.ts'), () =>
    eventually('participants end', () => !crews.some(isNamed('crew/main.ts'))),
  );
  const { status } = await run.belfry.ended;
  const { load } = run.result();
  assert.deepEqual([load.counts.began, load.counts.joined, load.counts.unfinished], [2, 1, 1]);
  assert.equal(load.passed, false);
  assert.notEqual(status, 0);
});

test('who is sent in late, because their process stood still, has waited since they were to come', async () => {
  const arrivals = { kind: 'planned', atSeconds: [0, 12] };
  const run = startLoad(scenarioFile(folder(), { seconds: 22, arrivals }));
  await run.belfry.logged(/^10 s.*joined 1 of 2/m);
  const crews = descendantsOf(run, 2, 'crew/main.ts');
  await crews.reduce(
    (meanwhile, pid) => () => stoppedWhile(pid, meanwhile),
    () => sleep(UNTIL_LATE_MS),
  )();
  const { status } = await run.belfry.ended;
  const { load } = run.result();
  assert.deepEqual([load.counts.joined, load.joinsMs.length], [2, 2]);
  const waitedMs = Math.max(...load.joinsMs);
  assert.ok(waitedMs >= LATE_BY_MS, `${waitedMs} ms`);
  assert.equal(status, STATUS_OF.INVALID);
});

test('streams that stop for good are told, also where packets are only counted and none is missing between two', async () => {
  const people = [
    { name: 'speaker', count: 1, weight: 'full', sends: { cameraLayers: 1, microphone: 'always' } },
    { name: 'crowd', count: 2, weight: 'light' },
  ];
  // So little that nothing gets through any more.
  const down = { bottleneck: { kbitPerSecond: 0.1, queueMs: 1 } };
  const faults = [{ kind: 'impair', atSeconds: 9, down }];
  const passes = [{ figure: 'stopped-percent', most: 1 }];
  const changes = { seconds: 16, keys: 'pre-shared', lightOpensOneOf: 1_000, people, faults, passes };
  const run = startLoad(scenarioFile(folder(), changes));
  await run.belfry.ended;
  const { load } = run.result();
  assert.equal(load.counts.joined, 3);
  assert.ok(load.counts.countedPackets > 0);
  const [stopped] = load.criteria;
  assert.ok((stopped?.value ?? 0) > 20, `${stopped?.value} %`);
  assert.equal(load.passed, false);
});
