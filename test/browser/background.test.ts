import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasChromium, launchChromiumWithTabs, NO_CHROMIUM } from './chromium.ts';
import type { Figures } from './harness/api.ts';
import { type Person, Stage } from './stage.ts';

const of = (figures: Figures, kind: string) => figures.inbound.filter((report) => report.kind === kind);
const decoded = (figures: Figures): number => of(figures, 'video')[0]?.framesDecoded ?? 0;
const energy = (figures: Figures): number => of(figures, 'audio')[0]?.totalAudioEnergy ?? 0;
const heardPackets = (figures: Figures): number => of(figures, 'audio')[0]?.packetsReceived ?? 0;

/** Several times the period in which a throttled page's timers run, in packets of 20 ms. */
const A_WHILE_PACKETS = 400;

/** That `person` hears the other over `A_WHILE_PACKETS`, and sees them where `sees`. */
const goesOn = async (person: Person, sees: boolean): Promise<void> => {
  const before = await person.figures();
  await person.until(
    'sound and picture go on',
    (now) =>
      heardPackets(now) > heardPackets(before) + A_WHILE_PACKETS &&
      energy(now) > energy(before) &&
      (!sees || decoded(now) > decoded(before) + 30),
  );
};

test('a tab in the background hears, is heard and is seen, and sees again when it is back', {
  skip: hasChromium() ? false : NO_CHROMIUM,
  timeout: 240_000,
}, async (context) => {
  const stage = await Stage.open(launchChromiumWithTabs);
  context.after(() => stage.close());
  const anna = await stage.joined('Anna');
  const visibility = () => anna.page.evaluate(() => document.visibilityState);
  assert.equal(await visibility(), 'visible');
  const bert = await stage.joined('Bert');
  await bert.page.bringToFront();
  for (const person of [anna, bert])
    for (const source of ['camera', 'microphone'] as const) await person.produce(source);
  await bert.until('Anna is seen', (figures) => decoded(figures) > 10);
  assert.equal(await visibility(), 'hidden');
  await goesOn(anna, false);
  await goesOn(bert, true);
  await anna.page.bringToFront();
  assert.equal(await visibility(), 'visible');
  await goesOn(anna, true);
  for (const person of [anna, bert]) {
    const { phase, problem, refusedFrames, sealingFailures } = await person.figures();
    assert.deepEqual(
      { phase, problem, refusedFrames, sealingFailures },
      { phase: 'in', problem: undefined, refusedFrames: {}, sealingFailures: [] },
    );
  }
  await stage.assertNothingClear();
});
