import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, test } from 'node:test';
import type { LoadResult } from '../../bench/load/result.ts';
import { shippedNames } from '../../bench/load/scenario/files.ts';
import { type Headline, STATUS_OF, startLoad } from '../support/load-run.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Which of the criteria a busy machine may miss: none that a frame or a key has part in. */
const IS_OF_TIME = /-ms$|^freezes|^frozen|^stopped/;

const faultsOf = ({ load }: LoadResult): string[] =>
  load.criteria.flatMap(({ figure, value, passed }) =>
    passed || (IS_OF_TIME.test(figure) && value !== null) ? [] : [`${figure}: ${value}`],
  );

for (const name of shippedNames())
  test(`the tiny form of ${name} runs, quietly, and its participants see each other`, async () => {
    const { belfry, folder, result, page } = startLoad(name, '--form', 'tiny');
    folders.push(folder);
    const { status } = await belfry.ended;
    assert.equal(belfry.errors(), '');
    const measured = result();
    const { load, valid } = measured;
    const headline: Headline = valid ? (load.passed ? 'PASSED' : 'FAILED') : 'INVALID';
    assert.match(belfry.output(), new RegExp(`^${headline}: `, 'm'));
    assert.equal(status, STATUS_OF[headline]);

    assert.deepEqual(faultsOf(measured), []);
    assert.equal(load.counts.joined, load.visits);
    assert.equal(load.joinsMs.length, load.visits);
    assert.ok(load.counts.framesOpened > 100, `${load.counts.framesOpened} frames opened`);
    assert.equal(load.counts.framesUnmarked, 0);
    assert.ok(load.serverTimeline.some(({ workers }) => workers.some(({ sentPackets }) => sentPackets > 0)));
    for (const measure of ['join', 'first-frame', 'one-way-audio', 'loop-late'] as const)
      assert.ok(load.histograms[measure], measure);

    assert.match(page(), new RegExp(`<strong>${headline}</strong>`));
    assert.doesNotMatch(page().replaceAll('http://www.w3.org', ''), /(?:src|href)=|https?:\/\/(?!github)/);
  });
