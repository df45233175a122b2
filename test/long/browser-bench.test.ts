import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { COST_SUBJECTS, type Sealing } from '../../bench/browser/page/api.ts';
import { LOSSES, lossy, playRound, seedNear } from '../../bench/browser/rounds.ts';
import { Theatre } from '../../bench/browser/theatre.ts';
import { lossAhead } from '../../bench/load/impair/lanes.ts';
import { seededRandom } from '../../bench/random.ts';
import { benchResult } from '../../bench/result.ts';
import { hasChromium, NO_CHROMIUM } from '../browser/chromium.ts';
import { waitFor } from '../browser/stage.ts';
import { PROJECT_DIR } from '../support/source-tree.ts';

const LIMIT = { timeout: 180_000 };
const TIMES = { settleMs: 500, cleanMs: 500, lossyMs: 2_000, isTooSlow: () => false };

describe('the benchmark in browsers', { skip: hasChromium() ? false : NO_CHROMIUM }, () => {
  let theatre: Theatre;
  before(async () => {
    theatre = await Theatre.open();
  });
  after(() => theatre?.close());

  test('what it compares with is in clear: the relay as it is stops it', LIMIT, async () => {
    const [link] = await theatre.startRelay();
    const sender = await theatre.person('Sender');
    await sender.join({ link, sealing: 'in-clear', impaired: false });
    await sender.send();
    const problem = async () => (await sender.received()).problem;
    // Most plaintext parses as sealed: then the number is what is wrong.
    const isStop = (code: string | undefined) =>
      code === 'media.seen-in-clear' || code === 'media.wrong-sender';
    await waitFor('the relay stops what it can read', problem, isStop);
    await sender.leave();
  });

  test('rounds of both kinds decode pictures, and lose exactly what their seed says', LIMIT, async () => {
    const [link] = await theatre.startRelay('--unwitnessed');
    const seed = seedNear(seededRandom(3), TIMES.lossyMs / 1_000);
    for (const sealing of ['sealed', 'in-clear'] satisfies Sealing[]) {
      const round = await playRound(theatre, { ...TIMES, link, sealing, seed, losses: LOSSES });
      assert.deepEqual(round.problems, [], sealing);
      assert.ok(round.clean.framesDecoded > 0 && round.lossy.framesDecoded > 0, sealing);
      assert.ok(round.packets > 0, sealing);
      assert.equal(
        round.lost,
        Math.round(lossAhead(lossy(LOSSES), seed, 'down', round.packets) * round.packets),
      );
    }
  });

  test('costs are measured of every size, in a worker', LIMIT, async () => {
    await theatre.startRelay();
    const person = await theatre.person('Nobody');
    const costs = await person.costs({ seed: 1, rounds: 2, framesPerSample: 50, sizes: [100, 5_000] });
    const kinds = costs.map(({ size, subject }) => `${size} ${subject}`);
    assert.deepEqual(
      kinds,
      [100, 5_000].flatMap((size) => COST_SUBJECTS.map((subject) => `${size} ${subject}`)),
    );
    for (const { samplesUs } of costs) {
      assert.equal(samplesUs.length, 2);
      assert.ok(samplesUs.every((us) => us > 0));
    }
    await person.page.context().close();
  });
});

test('a quick run keeps its rows in the one schema and draws them beside', {
  ...LIMIT,
  skip: hasChromium() ? false : NO_CHROMIUM,
}, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-bench-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const out = join(folder, 'browser.json');
  const args = ['bench/run.ts', 'browser', '--quick', '--seed', '7', '--out', out];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    cwd: PROJECT_DIR,
  });
  const result = benchResult.parse(JSON.parse(readFileSync(out, 'utf8')));
  assert.equal(status, result.valid ? 0 : 1, stderr);
  assert.equal(result.valid, result.why === null);
  const has = (name: string) => result.rows.some((row) => row.case === name);
  for (const name of ['100 B seal', '100 KB open', 'first decoded frame', 'sealed', 'unsealed'])
    assert.ok(has(name), name);
  assert.match(readFileSync(join(folder, 'browser.svg'), 'utf8'), /^<svg [\s\S]*<\/svg>\n$/);
  assert.match(stdout, /^join to first decoded frame: p50 \d+ ms/m);
});
