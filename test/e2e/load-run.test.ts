import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { loadResult } from '../../bench/load/result.ts';
import { readScenario } from '../../bench/load/scenario/files.ts';
import { planOf } from '../../bench/load/scenario/plan.ts';
import { childrenOf, holdTo } from '../../bench/load/server/duty-cycle.ts';
import { startServer } from '../../bench/load/server/server.ts';
import { runBelfry } from '../support/belfry-process.ts';
import { isNamed, type LoadRun, scenarioFile, startLoad, startLoadJob } from '../support/load-run.ts';
import { eventually } from '../support/until.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const kept = (run: LoadRun): LoadRun => {
  folders.push(run.folder);
  return run;
};
const started = (...args: readonly string[]): LoadRun => kept(startLoad(...args));

/** The processes of participants of a run, once they are there. */
const participantsOf = async ({ belfry }: LoadRun): Promise<number[]> => {
  const found = () =>
    childrenOf(belfry.child.pid ?? 0)
      .flatMap(childrenOf)
      .filter(isNamed('load/crew/main.ts'));
  await eventually('participants run', () => found().length >= 2);
  return found();
};

/** Ends at once, and its folder holds what the others read. */
const home = started('no-such-scenario');

test('a generator that is starved is found out: the run is INVALID, not slow', async () => {
  const run = started(scenarioFile(home.folder, {}));
  const release = holdTo(await participantsOf(run), 0.05);
  try {
    const { status } = await run.belfry.ended;
    const { valid, why } = run.result();
    assert.equal(valid, false);
    assert.match(why ?? '', /the generator was the limit/);
    assert.equal(status, 3);
  } finally {
    release();
  }
});

test('enrolled devices enter the meetings of a relay that is there', async () => {
  const read = readScenario(scenarioFile(home.folder, { seconds: 3, keys: 'pre-shared' }));
  assert.ok(read.ok);
  const plan = planOf(read.value, 1);
  assert.ok(plan.ok);
  const relay = await startServer({ plan: plan.value, workers: 1, share: 1 });
  try {
    const links = join(home.folder, 'links');
    writeFileSync(links, relay.links.join('\n'));
    const [first = ''] = relay.devices;
    const given = ['--links', links, '--devices', dirname(first)];
    const run = started(join(home.folder, 'scenario.json'), ...given);
    await run.belfry.ended;
    const { load } = run.result();
    assert.deepEqual([load.server.kind, load.counts.joined, load.counts.framesRefused], ['given', 2, 0]);
    assert.ok(load.counts.framesOpened > 0);
    assert.match(load.notes.join(' '), /keys handed out by the run/);

    const tooMany = started('cabinet', ...given);
    assert.equal((await tooMany.belfry.ended).status, 2);
    assert.match(tooMany.belfry.errors(), /25 people come, and .* has 2 devices/);
  } finally {
    await relay.close();
  }
});

test('a media worker dies, people see each other again, and the result says how long it took', async () => {
  const faults = [{ kind: 'kill-worker', atSeconds: 6 }];
  const file = scenarioFile(home.folder, { seconds: 12, keys: 'pre-shared', faults });
  const run = started(file);
  await run.belfry.ended;
  const { load, rows } = run.result();
  assert.deepEqual([load.counts.joined, load.counts.fellOut], [2, 0]);
  const back = rows.find(({ measure }) => measure.startsWith('frame opened again'));
  assert.equal(back?.n, 2);
  assert.ok(load.counts.framesDue >= load.counts.framesSent);

  const held = started(file, '--share', '0.5');
  assert.equal((await held.belfry.ended).status, 2);
});

test('a ghost is in a meeting, keeps its consent, and leaves what comes to the kernel, which counts it', async () => {
  const talks = { cameraLayers: 1, microphone: 'always' };
  const people = [
    { name: 'speaker', count: 1, weight: 'full', sends: talks },
    { name: 'ghost', count: 1, weight: 'ghost', sends: { cameraLayers: 0, microphone: 'off' } },
  ];
  const run = started(scenarioFile(home.folder, { seconds: 12, keys: 'pre-shared', people }));
  await run.belfry.ended;
  const { load } = run.result();
  const { joined, fellOut, left, ghostDrops, drops, framesOpened } = load.counts;
  assert.deepEqual([joined, fellOut, left, drops], [2, 0, 2, 0]);
  assert.ok(framesOpened < 10, `${framesOpened} before it became one`);
  // 30 pictures and 50 sounds a second, but for the first seconds.
  assert.ok(ghostDrops > 200, `${ghostDrops}`);
  assert.match(
    load.notes.join(' '),
    /1 full, 0 light, 1 ghosts[\s\S]*what the kernel dropped there is what they received/,
  );
});

test('a ladder is run with the keys that are asked for, and leaves each size', async () => {
  const sends = { cameraLayers: 1, microphone: 'always' };
  const people = [{ name: 'all', count: 1, weight: 'full', sends, scales: true }];
  const file = scenarioFile(home.folder, { seconds: 3, keys: 'pre-shared', people });
  const out = join(home.folder, 'ladder');
  const ladder = runBelfry(['load', 'ladder', file, '--keys', 'group', '--sizes', '2', '--out', out]);
  await ladder.ended;
  const { load } = loadResult.parse(JSON.parse(readFileSync(join(out, '2', 'result.json'), 'utf8')));
  assert.deepEqual([load.scenario.keys, load.visits, load.counts.joined], ['group', 2, 2]);
  assert.ok(load.histograms['group-late'] !== undefined, 'a thread computed their group');
});

test('Ctrl-C ends a run with a report of what was done', async () => {
  const run = kept(startLoadJob(scenarioFile(home.folder, { seconds: 300 })));
  await participantsOf(run);
  // The first line of progress: after 10 s.
  await run.belfry.logged(/joined 2 of 2/);
  const { pid } = run.belfry.child;
  assert.ok(pid !== undefined);
  // To all processes of the run at once: the relay and its media workers too.
  process.kill(-pid, 'SIGINT');
  const { status } = await run.belfry.ended;
  assert.equal(status, 3);
  const { why, load } = run.result();
  assert.match(why ?? '', /ended before its time/);
  assert.equal(load.counts.left, 2);
  assert.ok(load.lastedSeconds < 60);
});

test('Ctrl-C before anything has begun says so, and is no failure', async () => {
  const run = kept(startLoadJob(scenarioFile(home.folder, { seconds: 300 })));
  const { pid } = run.belfry.child;
  assert.ok(pid !== undefined);
  const processes = () => childrenOf(pid).flatMap(childrenOf);
  await eventually('its relay starts', () => processes().some(isNamed('load/relay.ts')));
  process.kill(-pid, 'SIGINT');
  const { status } = await run.belfry.ended;
  assert.equal(status, 3);
  assert.match(run.belfry.errors(), /ended before it had begun/);
});

test('a wrong order ends with status 2, and says what is wrong', async () => {
  assert.equal((await home.belfry.ended).status, 2);
  assert.match(home.belfry.errors(), /there is no scenario no-such-scenario/);
  const broken = started(scenarioFile(home.folder, { colour: 'red' }));
  assert.equal((await broken.belfry.ended).status, 2);
  assert.match(broken.belfry.errors(), /colour/);
  assert.match(broken.belfry.errors(), /docs\/load\.md/);
});
