import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasChromium, NO_CHROMIUM } from './chromium.ts';
import { Stage, waitFor } from './stage.ts';

const RATE_BPS = 500_000;
/** Who reads knows the word without one letter in a hundred. */
const READABLE = 0.01;

test('12-point text on a full screen is readable at 500 kbit/s', {
  skip: hasChromium() ? false : NO_CHROMIUM,
  timeout: 240_000,
}, async (context) => {
  const stage = await Stage.open();
  context.after(() => stage.close());
  const [anna, bert] = [await stage.joined('Anna'), await stage.joined('Bert')];
  await anna.must(anna.page.evaluate((bps) => window.harness.produceText(bps), RATE_BPS));
  await bert.until('pictures come', ({ inbound }) => inbound.some(({ framesDecoded }) => framesDecoded > 3));
  const sentBytes = async () =>
    (await anna.figures()).outbound.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
  const [startMs, startBytes] = [performance.now(), await sentBytes()];
  for (const number of [0, 1, 2]) {
    await anna.page.evaluate((given) => window.harness.turnTo(given), number);
    const turnedMs = performance.now();
    const { widthPx } = await waitFor(
      `page ${number} can be read`,
      () => bert.page.evaluate((given) => window.harness.readText(given), number),
      ({ misread }) => misread < READABLE,
    );
    context.diagnostic(`page ${number} was read after ${Math.round(performance.now() - turnedMs)} ms`);
    assert.equal(widthPx, 1920, 'the frame rate gives way, not the size');
  }
  const rateBps = (((await sentBytes()) - startBytes) * 8) / ((performance.now() - startMs) / 1_000);
  assert.ok(rateBps < RATE_BPS * 1.2, `${Math.round(rateBps)} bit/s`);
});
