import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasChromium, NO_CHROMIUM } from './chromium.ts';
import { type Person, Stage } from './stage.ts';

/** Beyond it people see that lips and voice are apart. */
const NOTICED_MS = 80;
const FLASHES = 12;
/** A machine that is busy with something else for a moment tears both apart: that is no fault of the path. */
const TRIES = 3;

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN;

const skewsOf = ({ page }: Person, of: 'made' | 'coming'): Promise<number[]> =>
  page.evaluate(([which, count]) => window.harness.measureSkew(which, count), [of, FLASHES] as const);

/** What the path adds, at the 95th percentile: the same look at the clip itself, before it is sent, is taken off. */
const measure = async (sender: Person, receiver: Person): Promise<number> => {
  const ownMs = quantile(await skewsOf(sender, 'made'), 0.5);
  const skewsMs = await skewsOf(receiver, 'coming');
  return quantile(
    skewsMs.map((skewMs) => Math.abs(skewMs - ownMs)),
    0.95,
  );
};

test('sound comes with its picture', {
  skip: hasChromium() ? false : NO_CHROMIUM,
  timeout: 240_000,
}, async (context) => {
  const stage = await Stage.open();
  context.after(() => stage.close());
  const [anna, bert] = [await stage.joined('Anna'), await stage.joined('Bert')];
  await anna.must(anna.page.evaluate(() => window.harness.produceFlashAndBeep()));
  await bert.until('both come', ({ inbound }) =>
    ['audio', 'video'].every((kind) =>
      inbound.some((report) => report.kind === kind && report.packetsReceived > 50),
    ),
  );
  const p95Ms: number[] = [];
  while (p95Ms.length < TRIES && !p95Ms.some((ms) => ms < NOTICED_MS))
    p95Ms.push(Math.round(await measure(anna, bert)));
  context.diagnostic(`skew p95 ${p95Ms.join(', ')} ms of ${FLASHES} flashes`);
  assert.ok(p95Ms.some((ms) => ms < NOTICED_MS));
});
