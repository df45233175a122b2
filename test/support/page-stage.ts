import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Browser,
  type BrowserContextOptions,
  type ConsoleMessage,
  chromium,
  type Page,
} from 'playwright-core';
import { buildPage } from '../../scripts/lib/web.mjs';
import { CHROMIUM, hasChromium, QUIET_FLAGS } from './chromium-flags.ts';
import { type ServedMeeting, serveMeeting } from './served-meeting.ts';
import { PROJECT_DIR } from './source-tree.ts';

export const NO_CHROMIUM = !hasChromium() && 'Chromium is not installed: as root, `npm run setup` does it';

/** Quiet, offline, and with candidates on a machine that has loopback alone. */
const FLAGS = [
  ...QUIET_FLAGS,
  '--allow-loopback-in-peer-connection',
  '--host-resolver-rules=MAP insecure.test 127.0.0.1',
];
/** A microphone that beeps and a camera with a moving picture, slow for the sake of busy machines; a person who allows all. */
const DEVICES = '--use-fake-device-for-media-stream=fps=10';
const ALLOWING = ['--use-fake-ui-for-media-stream', '--auto-select-desktop-capture-source=Entire screen'];

/** Longer than anything takes on a machine that has other work; a test that waits this long fails. */
const PATIENCE_MS = 60_000;

export interface BrowserTraits {
  readonly hasDevices?: boolean;
  readonly allows?: boolean;
}

/** What a page did beside showing itself. */
export interface PageLog {
  readonly origins: Set<string>;
  /** Everything asked for, as a server would see it: without the fragment. */
  readonly urls: string[];
  /** What could not be loaded is named with its path. */
  readonly errors: string[];
}

export interface OpenedPage {
  readonly page: Page;
  readonly log: PageLog;
}

export interface PageBrowser {
  open(link: string, options?: PageOptions): Promise<OpenedPage>;
  /** Busy pages slow down those that come after them. */
  closePages(): Promise<void>;
  close(): Promise<void>;
}

export interface PageOptions extends BrowserContextOptions {
  /** Runs in the page before anything of it. */
  readonly before?: (() => void) | undefined;
  /** Runs on the page before it loads. */
  readonly prepare?: ((page: Page) => Promise<void>) | undefined;
}

export const launchBrowser = async ({
  hasDevices = true,
  allows = true,
}: BrowserTraits = {}): Promise<PageBrowser> => {
  if (CHROMIUM === undefined) throw new Error(String(NO_CHROMIUM));
  const home = mkdtempSync(join(tmpdir(), 'belfry-page-'));
  const args = [...FLAGS, ...(hasDevices ? [DEVICES] : []), ...(allows ? ALLOWING : [])];
  const browser: Browser = await chromium.launch({
    executablePath: CHROMIUM,
    args,
    env: { ...process.env, HOME: home },
  });
  return {
    open: (link, options) => openPage(browser, link, options),
    async closePages() {
      for (const context of browser.contexts()) await context.close();
    },
    async close() {
      await browser.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
};

const openPage = async (
  browser: Browser,
  link: string,
  { before, prepare, ...options }: PageOptions = {},
): Promise<OpenedPage> => {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const log = watch(page);
  if (before !== undefined) await page.addInitScript(before);
  await prepare?.(page);
  await page.goto(link);
  return { page, log };
};

const watch = (page: Page): PageLog => {
  const log: PageLog = { origins: new Set(), urls: [], errors: [] };
  const note = (url: string): void => {
    log.urls.push(url.split('#', 1)[0] ?? '');
    log.origins.add(new URL(url).host);
  };
  page.on('request', (request) => note(request.url()));
  page.on('websocket', (socket) => note(socket.url()));
  // Breaches of the Content-Security-Policy are told there as errors.
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') log.errors.push(toldBy(message));
  });
  page.on('pageerror', (error) => log.errors.push(String(error)));
  return log;
};

const toldBy = (message: ConsoleMessage): string => {
  const text = message.text();
  return text.startsWith('Failed to load') ? `${text} ${new URL(message.location().url).pathname}` : text;
};

/** Who may come, unless somebody else is wanted. */
const GUESTS = ['ada', 'bob'] as const;

/** A relay with the built page, and a meeting to open in it. */
export const startPageRelay = async (names: readonly string[] = GUESTS): Promise<ServedMeeting> => {
  await buildPage(PROJECT_DIR, process.execPath);
  return serveMeeting(names);
};

/** Fills in the name and joins; settles when the meeting shows. */
export const joinAs = async (page: Page, name: string): Promise<void> => {
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.locator('.meeting').waitFor();
};
