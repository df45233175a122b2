// Pictures of every state of the page, of a real meeting in a real browser: `npm run screenshots [-- FOLDER [PART]]`.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { systemClock } from '../src/base/platform.ts';
import { enrolHere } from '../src/client/cast/enrol-cast.ts';
import type { Fetch } from '../src/client/enrol/fetch-port.ts';
import { formatLink } from '../src/client/link.ts';
import { runBelfry } from '../test/support/belfry-process.ts';
import {
  joinAs,
  launchBrowser,
  NO_CHROMIUM,
  type OpenedPage,
  type PageBrowser,
  type PageOptions,
  startPageRelay,
} from '../test/support/page-stage.ts';
import { IN_NORTH, openPeopleStage } from '../test/support/people-stage.ts';
import { joinHeadless } from '../test/support/real-meeting.ts';
import type { ServedMeeting } from '../test/support/served-meeting.ts';
import { runMain, SetupFault } from './lib/fault.mjs';
import { PROJECT_DIR } from './lib/paths.mjs';

const WIDE: PageOptions = { viewport: { width: 1280, height: 800 }, colorScheme: 'light' };
const DARK: PageOptions = { ...WIDE, colorScheme: 'dark' };
const PHONE: PageOptions = { viewport: { width: 390, height: 780 }, colorScheme: 'dark' };

/** Beside the two that show a camera: enough for a full grid, without cameras, which would take more cores. */
const MORE_PEOPLE = [
  'Emmy Noether',
  'Alan Turing',
  'Joan Clarke',
  'Christiaan Huygens',
  'Hedy Lamarr',
  'Simon Stevin',
  'Sophie Germain',
  'Maria Sibylla Merian',
  'Gerard Mercator',
  'Tatjana Ehrenfest',
];

const personOf = (name: string): string => name.toLowerCase().replace(/\W+/g, '-');
/** The first has the chair. */
const GUESTS = [...['Ada Lovelace', 'Grace Hopper', ...MORE_PEOPLE].map(personOf), 'ada'];

interface Stage {
  readonly folder: string;
  readonly relay: ServedMeeting;
  readonly browser: PageBrowser;
}

const take = async (stage: Stage, page: Page, name: string): Promise<void> => {
  await page.screenshot({ path: join(stage.folder, `${name}.png`) });
  console.log(`${name}.png`);
};

const hasPicture = (page: Page, selector: string): Promise<unknown> =>
  page.waitForFunction(
    (css) => {
      const videos = [...document.querySelectorAll<HTMLVideoElement>(css)];
      return videos.length > 0 && videos.every((video) => video.videoWidth > 0 && video.currentTime > 0);
    },
    selector,
    { timeout: 60_000 },
  );

const checks = async (stage: Stage): Promise<void> => {
  for (const [name, options] of Object.entries({ check: WIDE, 'check-dark': DARK, 'check-phone': PHONE })) {
    const { page } = await stage.browser.open(await stage.relay.linkFor('ada'), options);
    await hasPicture(page, '.preview video');
    await page.getByLabel('Your name').click();
    await page.getByLabel('Your name').fill('Ada Lovelace');
    await page.waitForFunction(() => (document.querySelector('meter')?.value ?? 0) > 0.3);
    await take(stage, page, name);
    await page.context().close();
  }
};

const faults = async (stage: Stage): Promise<void> => {
  const { relay, browser } = stage;
  const broken = await browser.open((await relay.linkFor('ada')).slice(0, -4), WIDE);
  await take(stage, broken.page, 'fault-link');
  const before = () => void Reflect.deleteProperty(globalThis, 'RTCRtpScriptTransform');
  const old = await browser.open(await relay.linkFor('ada'), { ...PHONE, before });
  await take(stage, old.page, 'fault-browser-phone');
  await relay.people.clear('mallory');
  const refused = await browser.open(await relay.linkFor('mallory'), DARK);
  await refused.page.getByLabel('Your name').fill('Ada Lovelace');
  await refused.page.getByRole('button', { name: 'Join' }).click();
  await refused.page.getByText('You were not admitted').waitFor();
  await take(stage, refused.page, 'fault-admission-dark');
  await browser.closePages();
};

const denied = async (stage: Stage): Promise<void> => {
  const denying = await launchBrowser({ allows: false });
  try {
    for (const [name, options] of Object.entries({
      'fault-permission': WIDE,
      'fault-permission-phone': PHONE,
    })) {
      const { page } = await denying.open(await stage.relay.linkFor('ada'), options);
      await page.getByText('The microphone is not allowed').waitFor();
      await page.screenshot({ path: join(stage.folder, `${name}.png`), fullPage: true });
      console.log(`${name}.png`);
    }
  } finally {
    await denying.close();
  }
};

const joined = async ({ browser, relay }: Stage, name: string, options: PageOptions): Promise<OpenedPage> => {
  const opened = await browser.open(await relay.linkFor(personOf(name)), options);
  await joinAs(opened.page, name);
  return opened;
};

const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click();

const letShare = async (chair: Page, name: string): Promise<void> => {
  await chair.getByRole('button', { name: /^People \(/ }).click();
  const row = chair.locator(`li[data-person="${personOf(name)}"]`);
  for (const label of ['Change…', 'Let share the screen'])
    await row.getByRole('button', { name: label, exact: true }).click();
  await press(chair, 'Close the list of people');
};

/** Somebody with neither camera nor sound, and without a browser. */
const silent = async ({ relay }: Stage, name: string): Promise<void> => {
  const { link, people } = relay;
  const { root } = link;
  if (root === undefined) throw new Error('a link of no authority');
  const place = { origin: link.origin, rootSha256: root };
  const tools = { fetch: fetch as Fetch, clock: systemClock };
  const device = await enrolHere(place, await people.code(personOf(name)), tools);
  await joinHeadless(link, name, (fault) => console.error(fault), { device });
};

/** Two pages take the pictures: a wide and a small one, in both colour schemes. */
const meeting = async (stage: Stage): Promise<void> => {
  const ada = await joined(stage, 'Ada Lovelace', WIDE);
  await hasPicture(ada.page, '.tile video');
  await take(stage, ada.page, 'meeting-alone');
  const grace = await joined(stage, 'Grace Hopper', PHONE);
  await hasPicture(ada.page, '.tile[data-name="Grace Hopper"] video');
  await hasPicture(grace.page, '.tile[data-name="Ada Lovelace"] video');
  await shots(stage, ada.page, grace.page, 'meeting-two');
  await silent(stage, 'Emmy Noether');
  await press(grace.page, 'Mute');
  await ada.page.locator('.tile[data-name="Emmy Noether"]').waitFor();
  await shots(stage, ada.page, grace.page, 'meeting-three');
  await letShare(ada.page, 'Grace Hopper');
  await press(grace.page, 'Share screen');
  await hasPicture(ada.page, '.tile.screen video');
  await shots(stage, ada.page, grace.page, 'meeting-screen');
  await press(grace.page, 'Stop sharing');
  for (const name of MORE_PEOPLE.slice(1)) await silent(stage, name);
  await ada.page.getByText('12 people in the meeting').waitFor();
  await shots(stage, ada.page, grace.page, 'meeting-twelve');
  await unplug(ada.page);
  await take(stage, ada.page, 'meeting-unplugged');
  await stage.relay.process.child.kill('SIGSTOP');
  await ada.page.getByText('Reconnecting…').waitFor({ timeout: 60_000 });
  await shots(stage, ada.page, grace.page, 'meeting-reconnecting');
  await stage.relay.process.child.kill('SIGCONT');
  await press(ada.page, 'Leave');
  await take(stage, ada.page, 'left');
};

const shots = async (stage: Stage, wide: Page, phone: Page, name: string): Promise<void> => {
  await take(stage, wide, name);
  await wide.emulateMedia({ colorScheme: 'dark' });
  await take(stage, wide, `${name}-dark`);
  await wide.emulateMedia({ colorScheme: 'light' });
  await take(stage, phone, `${name}-phone`);
};

const unplug = async (page: Page): Promise<void> => {
  await page.locator('.tile[data-name$="(you)"] video').evaluate((video) => {
    if (!(video instanceof HTMLVideoElement && video.srcObject instanceof MediaStream)) return;
    video.srcObject.getVideoTracks()[0]?.dispatchEvent(new Event('ended'));
  });
  await page.getByText('The camera is gone').waitFor();
};

/** `scripts/gallery.tsx` as one script. */
const galleryScript = async (): Promise<string> => {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    root: PROJECT_DIR,
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      write: false,
      rollupOptions: { input: join(PROJECT_DIR, 'scripts/gallery.tsx'), output: { format: 'iife' } },
    },
  });
  const outputs = [built].flat().flatMap((one) => ('output' in one ? one.output : []));
  return outputs.map((part) => (part.type === 'chunk' ? part.code : '')).join('');
};

/** Each message that the page has for when something is wrong, in both of its forms. */
const messages = async (stage: Stage): Promise<void> => {
  const { page } = await stage.browser.open('about:blank', DARK);
  await page.setContent('<!doctype html><html lang="en"><body></body></html>');
  for (const name of ['base', 'check', 'meeting'])
    await page.addStyleTag({ path: join(PROJECT_DIR, 'web/style', `${name}.css`) });
  await page.addStyleTag({ content: 'body { overflow: auto } section { break-inside: avoid }' });
  await page.addScriptTag({ content: await galleryScript() });
  for (const section of await page.locator('section[data-code]').all()) {
    const code = await section.getAttribute('data-code');
    await section.screenshot({ path: join(stage.folder, `message-${code}.png`) });
    console.log(`message-${code}.png`);
  }
};

/** A meeting that is entered by certificate, from the code to the marking. */
const people = async (stage: Stage): Promise<void> => {
  const ministry = await openPeopleStage();
  const open = async (options: PageOptions, code?: string): Promise<Page> => {
    const link = formatLink(code === undefined ? ministry.link : { ...ministry.link, code });
    return (await stage.browser.open(link, options)).page;
  };
  const enrolled = async (options: PageOptions, name: string): Promise<Page> => {
    const page = await open(options, await ministry.invite(name, IN_NORTH));
    await page.getByText('Waiting for the authority').waitFor();
    await ministry.answer();
    await page.getByText('Ready to join?').waitFor();
    return page;
  };
  try {
    const form = await open(WIDE);
    await form.getByLabel('Enrolment code').fill('7q2m 0000 abcd wxyz 123');
    await take(stage, form, 'enrol-code');
    await form.getByLabel('Enrolment code').fill('7q2m 0000 abcd wxyz 1234');
    await press(form, 'Enrol this device');
    await form.getByText('Waiting for the authority').waitFor();
    await take(stage, form, 'enrol-waiting');
    await ministry.answer();
    await form.getByText('The code was not accepted').waitFor();
    await shots(stage, form, await open(PHONE), 'enrol-refused');
    const uncleared = await open(DARK, await ministry.invite('alan', { level: 'none' }));
    await uncleared.getByText('Waiting for the authority').waitFor();
    await ministry.answer();
    await uncleared.getByText('You have no clearance yet').waitFor();
    await take(stage, uncleared, 'enrol-not-cleared-dark');
    await stage.browser.closePages();
    const ada = await enrolled(WIDE, 'ada');
    const grace = await enrolled(PHONE, 'grace');
    await joinAs(ada, 'Ada Lovelace');
    await joinAs(grace, 'Grace Hopper');
    await hasPicture(ada, '.tile[data-name="Grace Hopper"] video');
    await hasPicture(grace, '.tile[data-name="Ada Lovelace"] video');
    await shots(stage, ada, grace, 'meeting-marked');
    await ministry.revoke('grace');
    await grace.getByText('This device was revoked').waitFor();
    await take(stage, grace, 'revoked-phone');
  } finally {
    await stage.browser.closePages();
    await ministry.close();
  }
};

/** A chair, a deputy and a member, from the demonstration's links. */
const conducted = async (stage: Stage): Promise<void> => {
  const demo = runBelfry(['demo']);
  try {
    await demo.printed(/(?:http:\/\/\S+#\S+[\s\S]*){3}Check:/);
    const links = demo.output().match(/http:\/\/\S+#\S+/g) ?? [];
    const open = async (at: number, name: string, options: PageOptions): Promise<Page> => {
      const { page } = await stage.browser.open(links[at] ?? '', options);
      await joinAs(page, name);
      return page;
    };
    const chair = await open(0, 'Ada Lovelace', WIDE);
    const deputy = await open(1, 'Alan Turing', PHONE);
    const member = await open(2, 'Grace Hopper', WIDE);
    await hasPicture(chair, '.tile[data-name="Grace Hopper"] video');
    await chair.getByText('Code of the keys').first().click();
    await take(stage, chair, 'conduct-epoch');
    await chair.getByText('Code of the keys').first().click();
    await press(deputy, 'Raise hand');
    await press(chair, 'People (3)');
    await press(deputy, 'People (3)');
    await chair.getByRole('img', { name: 'Hand raised, number 1' }).waitFor();
    await shots(stage, chair, deputy, 'conduct-people');
    await chair.getByRole('button', { name: 'Change…' }).last().click();
    await take(stage, chair, 'conduct-orders');
    await press(chair, 'Send before the door');
    await member.getByText('Waiting to be let in').waitFor();
    await take(stage, member, 'conduct-waiting');
    await chair.getByText('1 person waiting to be let in').waitFor();
    await shots(stage, chair, deputy, 'conduct-door');
    await press(chair, 'Let in');
    await chair.locator('.tile[data-name="Grace Hopper"]').waitFor();
    await press(chair, 'Mute all');
    await member.getByText('The chair muted you').waitFor();
    await take(stage, member, 'conduct-muted');
    await chair.getByLabel('Lower the marking…').selectOption('restricted');
    await deputy.getByText('An order waits for a second person').first().waitFor();
    await take(stage, deputy, 'conduct-two-phone');
  } finally {
    await stage.browser.closePages();
    await demo.stop();
  }
};

const slow = async (stage: Stage): Promise<void> => {
  const { page } = await stage.browser.open(await stage.relay.linkFor('ada'), WIDE);
  await page.getByLabel('Your name').fill('Ada Lovelace');
  await stage.relay.process.stop();
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByText('Still trying').waitFor();
  await take(stage, page, 'joining-slow');
};

const PARTS = [checks, faults, messages, denied, meeting, people, conducted, slow];

await runMain(async () => {
  if (NO_CHROMIUM) throw new SetupFault(NO_CHROMIUM);
  const [given, only] = process.argv.slice(2);
  const folder = resolve(given ?? join(PROJECT_DIR, 'docs', 'screenshots', 'all'));
  mkdirSync(folder, { recursive: true });
  const stage: Stage = { folder, relay: await startPageRelay(GUESTS), browser: await launchBrowser() };
  try {
    for (const part of PARTS) if (only === undefined || part.name === only) await part(stage);
  } finally {
    await stage.browser.close();
    await stage.relay.stop();
  }
  process.exit();
});
