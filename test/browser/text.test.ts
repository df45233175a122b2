import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasChromium, NO_CHROMIUM } from './chromium.ts';
import { Stage, waitFor } from './stage.ts';

const RATE_BPS = 500_000;
/** Who reads knows the word without one letter in a hundred. */
const READABLE = 0.01;
/** Who turned the page waits no longer for others to read it: 4,000 letters. */
const PATIENCE_MS = 10_000;

test('12-point text on a full screen is readable at 500 kbit/s', {
  skip: hasChromium() ? false : NO_CHROMIUM,
  timeout: 240_000,
}, async (context) => {
  const stage = await Stage.open();
  context.after(() => stage.close());
  const [anna, bert] = [await stage.joined('Anna'), await stage.joined('Bert')];
  await anna.must(anna.page.evaluate(() => window.harness.produceText()));
  await bert.until('pictures come', ({ inbound }) => inbound.some(({ framesDecoded }) => framesDecoded > 3));
  const sentBits = async () =>
    8 * (await anna.figures()).outbound.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
  for (const number of [0, 1, 2]) {
    const beforeBits = await sentBits();
    await anna.page.evaluate((given) => window.harness.turnTo(given), number);
    const turnedMs = performance.now();
    const { widthPx } = await waitFor(
      `page ${number} can be read`,
      () => bert.page.evaluate((given) => window.harness.readText(given), number),
      ({ misread }) => misread < READABLE,
    );
    assert.equal(widthPx, 1920, 'the frame rate gives way, not the size');
    const tookMs = performance.now() - turnedMs;
    // An encoder may spend more than its rate for a moment: what counts is how long a path of that rate takes for it.
    const carriedMs = (((await sentBits()) - beforeBits) / RATE_BPS) * 1_000;
    context.diagnostic(
      `page ${number}: read after ${Math.round(tookMs)} ms, its bits take ${Math.round(carriedMs)} ms`,
    );
    assert.ok(carriedMs < PATIENCE_MS, `${Math.round(carriedMs)} ms`);
  }
});
