import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasChromium, NO_CHROMIUM } from './chromium.ts';
import type { Figures } from './harness/api.ts';
import { Stage } from './stage.ts';

/** A minute; fewer, for a quick look, by the environment. */
const CYCLES = Number(process.env.BELFRY_CYCLES ?? 200);

const sentVideoPackets = ({ outbound }: Figures): number =>
  outbound.reduce((sum, { kind, packetsSent }) => sum + (kind === 'video' ? packetsSent : 0), 0);

test(`${CYCLES} times camera and microphone on and off, and nothing in clear`, {
  skip: hasChromium() ? false : NO_CHROMIUM,
  timeout: 60_000 + CYCLES * 5_000,
}, async (context) => {
  const stage = await Stage.open();
  context.after(() => stage.close());
  const anna = await stage.joined('Anna');
  for (let cycle = 1; cycle <= CYCLES; cycle++) {
    const before = sentVideoPackets(await anna.figures());
    for (const source of ['camera', 'microphone'] as const) await anna.produce(source);
    await anna.until('something leaves', (figures) => {
      const now = sentVideoPackets(figures);
      return now > 0 && now !== before;
    });
    for (const source of ['camera', 'microphone'] as const) await anna.stop(source);
    if (cycle % 50 === 0) context.diagnostic(`${cycle} of ${CYCLES} cycles`);
  }
  assert.deepEqual((await anna.figures()).sealingFailures, []);
  await stage.assertNothingClear();
});
