import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { CHROMIUM, hasChromium, QUIET_FLAGS } from '../support/chromium-flags.ts';
import { watchNonces } from './nonces.ts';

export const NO_CHROMIUM = `no Chromium at ${CHROMIUM}: the project's set-up installs it for these tests`;
export { hasChromium };

/** A fake camera and microphone, no question asked, nothing fetched, and candidates on loopback too. */
const FLAGS = [
  ...QUIET_FLAGS,
  '--autoplay-policy=no-user-gesture-required',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--auto-select-desktop-capture-source=Entire screen',
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];

export interface TestBrowser {
  /**
   * A page of its own context, as another person's browser would be; `lines` is what it says on its console. It is there
   * once it has put `api` on its window.
   */
  openPage(url: string, api?: string): Promise<{ page: Page; lines: string[] }>;
  close(): Promise<void>;
}

const opened = async (
  context: BrowserContext,
  url: string,
  api = 'harness',
): Promise<{ page: Page; lines: string[] }> => {
  const page = await context.newPage();
  const lines: string[] = [];
  page.on('console', (message) => lines.push(message.text()));
  page.on('pageerror', (error) => lines.push(error.message));
  watchNonces(page);
  await page.goto(url);
  await page.waitForFunction((name) => name in window, api);
  return { page, lines };
};

/**
 * A browser whose tabs are hidden and slowed down when another is in front, as a person's are: one that Playwright
 * launches itself never hides any. Its pages share one context.
 */
export const launchChromiumWithTabs = async (): Promise<TestBrowser> => {
  const home = mkdtempSync(join(tmpdir(), 'belfry-chromium-'));
  const args = [...FLAGS, '--headless=new', '--remote-debugging-port=0', `--user-data-dir=${home}`];
  const child = spawn(CHROMIUM, args, {
    env: { ...process.env, HOME: home },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  const browser = await chromium.connectOverCDP(await endpointOf(child.stderr), { noDefaults: true });
  const [context] = browser.contexts();
  if (context === undefined) throw new Error('the browser has no context of its own');
  return {
    openPage: (url, api) => opened(context, url, api),
    async close() {
      await browser.close();
      child.kill();
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
};

const endpointOf = async (stderr: Readable): Promise<string> => {
  let text = '';
  for await (const part of stderr) {
    text += String(part);
    const endpoint = /ws:\/\/\S+/.exec(text)?.[0];
    if (endpoint !== undefined) return endpoint;
  }
  throw new Error(`the browser did not start: ${text}`);
};

export const launchChromium = async (): Promise<TestBrowser> => {
  const home = mkdtempSync(join(tmpdir(), 'belfry-chromium-'));
  const browser: Browser = await chromium.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: FLAGS,
    env: { ...process.env, HOME: home },
  });
  return {
    async openPage(url, api = 'harness') {
      const context: BrowserContext = await browser.newContext({ permissions: ['camera', 'microphone'] });
      return opened(context, url, api);
    },
    async close() {
      await browser.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
};
