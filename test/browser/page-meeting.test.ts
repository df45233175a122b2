import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { formatLink } from '../../src/client/link.ts';
import {
  joinAs,
  launchBrowser,
  NO_CHROMIUM,
  type OpenedPage,
  type PageBrowser,
  startPageRelay,
} from '../support/page-stage.ts';
import type { ServedMeeting } from '../support/served-meeting.ts';

/** What Chromium says while the relay has no answer of the authority yet for the key that a device asks by. */
const NOT_YET =
  /^Failed to load resource: the server responded with a status of 404 \(Not Found\) \/v1\/enrolment\/[\w-]{43}$/;

/** All that a page keeps: of the group's keys nothing, and of its own device's no key that can be taken out. */
const ITS_DEVICE = {
  names: [
    'belfry checkpoints atUnixMs',
    'belfry checkpoints checkpoint',
    ...['certificate', 'clearance', 'devices', 'pair', 'root', 'scale'].map(
      (name) => `belfry devices ${name}`,
    ),
    'belfry seen-lists digest',
    'belfry seen-lists number',
  ],
  keys: ['devices pair privateKey: held, private', 'devices pair publicKey: loose, public'],
};

/** Which devices of the same person are new: there once it heard of any list. */
const HEARD = 'belfry devices unseen';

const tileOf = (page: Page, name: string): Locator => page.locator(`.tile[data-name="${name}"]`);

/** Waits until a video shows a picture that moves on. */
const showsMotion = async (video: Locator): Promise<void> => {
  await video.waitFor();
  await video.evaluate(
    (element) =>
      new Promise<void>((resolve) => {
        if (!(element instanceof HTMLVideoElement)) return;
        let frames = 0;
        const onFrame = (): void => {
          frames += 1;
          if (frames > 2 && element.videoWidth > 0) resolve();
          else element.requestVideoFrameCallback(onFrame);
        };
        element.requestVideoFrameCallback(onFrame);
      }),
  );
};

/** What the page keeps in its browser's databases: the names of what is in each record, and every key or run of bytes there. */
const onDisk = (page: Page) =>
  page.evaluate(async () => {
    const settled = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const names = new Set<string>();
    const keys: string[] = [];
    const isBytes = (value: unknown) => value instanceof ArrayBuffer || ArrayBuffer.isView(value);
    const look = (value: unknown, at: string): void => {
      if (value instanceof CryptoKey)
        keys.push(`${at}: ${value.extractable ? 'loose' : 'held'}, ${value.type}`);
      else if (isBytes(value)) keys.push(`${at}: bytes`);
      else if (typeof value === 'object' && value !== null)
        for (const [name, part] of Object.entries(value)) look(part, `${at} ${name}`);
    };
    for (const { name = '', version } of await indexedDB.databases()) {
      const database = await settled(indexedDB.open(name, version));
      for (const store of Array.from(database.objectStoreNames)) {
        const records: object[] = await settled(database.transaction(store).objectStore(store).getAll());
        for (const record of records) {
          for (const field of Object.keys(record)) names.add(`${name} ${store} ${field}`);
          look(record, store);
        }
      }
      database.close();
    }
    return { names: [...names].sort(), keys: keys.sort() };
  });

const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });

describe('the page in a meeting', { skip: NO_CHROMIUM, timeout: 240_000 }, () => {
  let relay: ServedMeeting;
  let browser: PageBrowser;
  let ada: OpenedPage;
  let bob: OpenedPage;

  before(async () => {
    relay = await startPageRelay();
    browser = await launchBrowser();
    ada = await browser.open(await relay.linkFor('ada'));
    bob = await browser.open(await relay.linkFor('bob'));
  });
  after(async () => {
    await browser?.close();
    await relay?.stop();
  });

  test('checks camera and microphone before anything is sent', async () => {
    await showsMotion(ada.page.locator('.preview video'));
    // Browsers process sound only after the person did something.
    await ada.page.getByLabel('Your name').click();
    const level = ada.page.getByLabel('Microphone level');
    await ada.page.waitForFunction(
      (meter) => meter instanceof HTMLMeterElement && meter.value > 0.2,
      await level.elementHandle(),
    );
    await ada.page
      .getByRole('combobox', { name: 'Camera' })
      .locator('option')
      .first()
      .waitFor({ state: 'attached' });
    assert.equal(await button(ada.page, 'Join the meeting').isDisabled(), true, 'a name is wanted first');
    assert.equal(
      ada.log.urls.some((url) => url.startsWith('ws')),
      false,
    );
  });

  test('shows each the other, by the name that the roster proves', async () => {
    await joinAs(ada.page, 'Ada Lovelace');
    await ada.page.getByText('Nobody else is here yet').waitFor();
    await joinAs(bob.page, 'Bob');
    await showsMotion(tileOf(ada.page, 'Bob').locator('video'));
    await showsMotion(tileOf(bob.page, 'Ada Lovelace').locator('video'));
    await ada.page.getByText('2 people verified').waitFor();
    await ada.page.getByText('2 people in the meeting').waitFor();
  });

  test('lets each hear the other', async () => {
    for (const { page } of [ada, bob])
      await page.locator('.tile.speaking[data-name]:not([data-name*="(you)"])').waitFor();
  });

  test('mutes and unmutes, by button and by key', async () => {
    const muted = tileOf(bob.page, 'Ada Lovelace').getByLabel('Microphone is off');
    await button(ada.page, 'Mute').click();
    await muted.waitFor();
    await ada.page.keyboard.press('m');
    await muted.waitFor({ state: 'detached' });
    await button(ada.page, 'Mute').waitFor();
  });

  test('turns the camera off, which ends its track, and on again', async () => {
    const picture = tileOf(bob.page, 'Ada Lovelace').locator('video');
    const track = await tileOf(ada.page, 'Ada Lovelace (you)')
      .locator('video')
      .evaluateHandle((video) =>
        video instanceof HTMLVideoElement && video.srcObject instanceof MediaStream
          ? video.srcObject.getVideoTracks()[0]
          : undefined,
      );
    await button(ada.page, 'Camera off').click();
    await picture.waitFor({ state: 'detached' });
    assert.equal(await track.evaluate((one) => one?.readyState), 'ended');
    assert.equal(await tileOf(bob.page, 'Ada Lovelace').locator('.initials').textContent(), 'AL');
    await button(ada.page, 'Camera on').click();
    await showsMotion(picture);
  });

  test('shares the screen, whole', async () => {
    await button(ada.page, 'Share screen').click();
    await showsMotion(bob.page.locator('.tile.screen video'));
    await bob.page.getByText('Screen of Ada Lovelace').waitFor();
    await button(ada.page, 'Stop sharing').click();
    await bob.page.locator('.tile.screen').waitFor({ state: 'detached' });
  });

  test('ends the picture and the sound of a shared screen when the sharing stops', async () => {
    const tracks = await ada.page.evaluateHandle(() => {
      const sound = new AudioContext().createMediaStreamDestination().stream.getAudioTracks();
      const picture = document.createElement('canvas');
      picture.getContext('2d');
      const shared = new MediaStream([...picture.captureStream(5).getVideoTracks(), ...sound]);
      navigator.mediaDevices.getDisplayMedia = async () => shared;
      return shared.getTracks();
    });
    await button(ada.page, 'Share screen').click();
    await button(ada.page, 'Stop sharing').click();
    await button(ada.page, 'Share screen').waitFor();
    const states = await tracks.evaluate((all) => all.map(({ kind, readyState }) => `${kind} ${readyState}`));
    assert.deepEqual(states.sort(), ['audio ended', 'video ended']);
  });

  test('says that a device is gone, and what to do', async () => {
    await tileOf(ada.page, 'Ada Lovelace (you)')
      .locator('video')
      .evaluate((video) => {
        if (!(video instanceof HTMLVideoElement && video.srcObject instanceof MediaStream)) return;
        video.srcObject.getVideoTracks()[0]?.dispatchEvent(new Event('ended'));
      });
    await ada.page.getByText('The camera is gone').waitFor();
    await tileOf(bob.page, 'Ada Lovelace').locator('video').waitFor({ state: 'detached' });
    await button(ada.page, 'Close this message').click();
    await button(ada.page, 'Camera on').click();
    await showsMotion(tileOf(bob.page, 'Ada Lovelace').locator('video'));
  });

  test('comes back after the page is loaded anew', async () => {
    await bob.page.reload();
    await tileOf(ada.page, 'Bob').waitFor({ state: 'detached' });
    await joinAs(bob.page, 'Bob');
    await showsMotion(tileOf(ada.page, 'Bob').locator('video'));
    await showsMotion(tileOf(bob.page, 'Ada Lovelace').locator('video'));
  });

  test('leaves, with every device ended, and joins again', async () => {
    await button(bob.page, 'Leave').click();
    await bob.page.getByText('You left the meeting').waitFor();
    await tileOf(ada.page, 'Bob').waitFor({ state: 'detached' });
    await button(bob.page, 'Join again').click();
    await joinAs(bob.page, 'Bob');
    await tileOf(ada.page, 'Bob').waitFor();
  });

  test('says why the meeting is over', async () => {
    await relay.process.stop();
    for (const { page } of [ada, bob]) await page.getByText('The relay is shutting down').waitFor();
  });

  test('has asked nobody but the relay, told it nothing of the link, and broken no policy', async () => {
    const link = formatLink(relay.link);
    const { host, hash } = new URL(link);
    for (const { page, log } of [ada, bob]) {
      assert.deepEqual([...log.origins], [host]);
      assert.deepEqual(
        log.errors.filter((line) => !NOT_YET.test(line)),
        [],
      );
      const charter =
        new URLSearchParams(hash.slice(1)).get('charter') ?? assert.fail('the link has a charter');
      assert.equal(
        log.urls.some((url) => url.includes(charter)),
        false,
      );
      const kept = await page.evaluate(() =>
        JSON.stringify([localStorage, sessionStorage, document.cookie, history.state]),
      );
      assert.equal(kept, '[{},{},"",null]');
      const { names, keys } = await onDisk(page);
      assert.deepEqual({ names: names.filter((name) => name !== HEARD), keys }, ITS_DEVICE);
      assert.equal(page.url(), link, 'the address stays what the person was sent, but for the code');
    }
  });
});
