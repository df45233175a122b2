import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { buildPage } from '../../scripts/lib/web.mjs';
import { runBelfry } from './belfry-process.ts';
import { joinAs } from './page-stage.ts';
import { originOf, PeopleHome } from './people-home.ts';
import { PROJECT_DIR } from './source-tree.ts';
import { launchTrusting } from './trusting-chromium.ts';
import type { TwoHosts } from './two-hosts.ts';

const FREE_PORTS = ['--port', '0', '--metrics-port', '0', '--media-port', '0', '--workers', '1'];
/** Long for a busy machine, and an end: a wait inside a page would outlive its test and keep the browser open. */
const PATIENCE_MS = 60_000;

export const openPage = async (browser: Browser, link: string): Promise<Page> => {
  const context = await browser.newContext();
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  await page.goto(link);
  return page;
};

/** Waits until the tile of `name` has decoded more than `frames` pictures. */
const sees = async (page: Page, name: string, frames: number): Promise<void> => {
  await page.waitForFunction(
    ([selector, count]) => {
      const element = document.querySelector(selector);
      return (
        element instanceof HTMLVideoElement && element.getVideoPlaybackQuality().totalVideoFrames > count
      );
    },
    [`.tile[data-name="${name}"] video`, frames] as const,
    { timeout: PATIENCE_MS },
  );
};

/** On one host `belfry serve --lan`, on the other a browser: two people open their links and see each other. */
export const meetOverLan = async (
  hosts: TwoHosts,
  frames: number,
  whileMeeting: (ada: Page) => Promise<void> | void,
): Promise<void> => {
  await buildPage(PROJECT_DIR, process.execPath);
  const stateDir = mkdtempSync(join(tmpdir(), 'belfry-state-'));
  const people = await PeopleHome.open(['ada', 'bob']);
  const serve = runBelfry(['serve', '--lan', ...people.flags, '--state-dir', stateDir, ...FREE_PORTS], {
    wrapper: hosts.relay,
  });
  let browser: Browser | undefined;
  try {
    const [origin, ca] = [await originOf(serve), join(stateDir, 'root.pem')];
    const link = await people.convene({ origin, ca, wrapper: hosts.client });
    const root = readFileSync(ca, 'utf8');
    browser = await launchTrusting({ root, wrapper: hosts.client });
    const ada = await openPage(browser, await people.linkFor('ada', link));
    const bob = await openPage(browser, await people.linkFor('bob', link));
    await joinAs(ada, 'Ada');
    await joinAs(bob, 'Bob');
    await sees(ada, 'Bob', frames);
    await sees(bob, 'Ada', frames);
    await whileMeeting(ada);
  } finally {
    await browser?.close();
    await serve.stop();
    await people.end();
    hosts.remove();
    rmSync(stateDir, { recursive: true });
  }
};
