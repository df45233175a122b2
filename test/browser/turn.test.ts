import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { buildPage } from '../../scripts/lib/web.mjs';
import { NO_COTURN } from '../support/coturn.ts';
import { NO_NETWORKS } from '../support/network-namespaces.ts';
import { joinAs } from '../support/page-stage.ts';
import { PROJECT_DIR } from '../support/source-tree.ts';
import { launchTrusting, NO_TRUSTING_CHROMIUM } from '../support/trusting-chromium.ts';
import { openTurnStage, type TurnStage, type TurnStageOptions } from '../support/turn-stage.ts';

const LIMITS = { skip: NO_COTURN || NO_TRUSTING_CHROMIUM, timeout: 120_000 };
/** Long for a busy machine, and an end: a wait inside a page would outlive its test and keep the browser open. */
const SEES_WITHIN_MS = 60_000;
/** A browser's checks take half a second: in this time a path that is there would have been found. */
const UNSEEN_FOR_MS = 10_000;

const onStage = async (
  t: TestContext,
  options: TurnStageOptions,
  run: (stage: TurnStage, browser: Browser) => Promise<void>,
) => {
  await buildPage(PROJECT_DIR, process.execPath);
  const stage = await openTurnStage(options);
  if (stage === undefined) return t.skip(NO_NETWORKS);
  let browser: Browser | undefined;
  try {
    browser = await launchTrusting({ root: readFileSync(stage.root, 'utf8'), wrapper: stage.client });
    await run(stage, browser);
  } finally {
    await browser?.close();
    await stage.stop();
  }
};

const openPage = async (browser: Browser, link: string): Promise<Page> => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(link);
  return page;
};

/** Waits until the tile of `name` has decoded pictures. */
const sees = async (page: Page, name: string, withinMs = SEES_WITHIN_MS): Promise<void> => {
  await page.waitForFunction(
    (selector) => {
      const element = document.querySelector(selector);
      return element instanceof HTMLVideoElement && element.getVideoPlaybackQuality().totalVideoFrames > 3;
    },
    `.tile[data-name="${name}"] video`,
    { timeout: withinMs },
  );
};

const meet = async (browser: Browser, { link, people }: TurnStage): Promise<{ ada: Page; bob: Page }> => {
  const ada = await openPage(browser, await people.linkFor('ada', link));
  const bob = await openPage(browser, await people.linkFor('bob', link));
  await joinAs(ada, 'Ada');
  await joinAs(bob, 'Bob');
  return { ada, bob };
};

for (const way of ['udp', 'tls'] as const)
  test(`browsers meet through the TURN server where only it is reached, by ${way}`, LIMITS, (t) =>
    onStage(t, { family: 'IPv4', ways: [way], name: `bturn-${way}` }, async (stage, browser) => {
      const { ada, bob } = await meet(browser, stage);
      try {
        await sees(ada, 'Bob');
        await sees(bob, 'Ada');
      } catch (error) {
        throw new Error(stage.log() + stage.coturn.log(), { cause: error });
      }
      assert.ok(stage.relayed() > 0);
    }),
  );

test('a browser does not use a TURN server whose certificate it does not trust', LIMITS, (t) =>
  onStage(
    t,
    { family: 'IPv4', ways: ['tls'], isForeign: true, name: 'bturn-foreign' },
    async (stage, browser) => {
      const { ada } = await meet(browser, stage);
      await assert.rejects(sees(ada, 'Bob', UNSEEN_FOR_MS));
      assert.ok(stage.asked('tls') > 0, 'it was asked');
      assert.equal(stage.relayed(), 0);
    },
  ),
);
