import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { FaultCode } from '../../src/client/page/fault-codes.ts';
import { ENGLISH } from '../../web/texts/en.ts';
import {
  joinAs,
  launchBrowser,
  NO_CHROMIUM,
  type PageBrowser,
  startPageRelay,
} from '../support/page-stage.ts';
import type { ServedMeeting } from '../support/served-meeting.ts';

/** Waits until the page says all of what the table has for `code`. */
const says = async (page: Page, code: FaultCode): Promise<void> => {
  const { title, text } = ENGLISH.faults[code];
  await page.getByText(title).waitFor();
  await page.getByText(text).waitFor();
};

const typeNameAndJoin = async (page: Page): Promise<void> => {
  await page.getByLabel('Your name').fill('Ada');
  await page.getByRole('button', { name: 'Join' }).click();
};

/** Answers the page's entry with a refusal; everything else goes to the relay. */
const refuseJoin = (code: string, reference?: string) => (page: Page) =>
  page.routeWebSocket(/\/v1\/meet$/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      const { id, kind } = JSON.parse(String(message));
      if (kind !== 'enter') return server.send(message);
      socket.send(
        JSON.stringify({ seq: 3, re: id, ok: false, error: { code, message: 'refused', reference } }),
      );
    });
  });

describe('what the page says when something is wrong', { skip: NO_CHROMIUM, timeout: 240_000 }, () => {
  let relay: ServedMeeting;
  let browser: PageBrowser;

  before(async () => {
    relay = await startPageRelay();
    browser = await launchBrowser();
  });
  afterEach(() => browser.closePages());
  after(async () => {
    await browser?.close();
    await relay?.stop();
  });

  const withBrowser = async (
    traits: Parameters<typeof launchBrowser>[0],
    use: (browser: PageBrowser) => Promise<void>,
  ) => {
    const other = await launchBrowser(traits);
    try {
      await use(other);
    } finally {
      await other.close();
    }
  };

  test('a link without its fragment, or with a broken one', async () => {
    const { page } = await browser.open(`${relay.origin}/`);
    await says(page, 'link.missing');
    const link = await relay.linkFor('ada');
    await page.goto(link.slice(0, -4));
    await says(page, 'link.broken');
    await page.goto(link);
    await page.getByText(ENGLISH.check.title).waitFor();
  });

  test('a page that did not come over a secure connection', async () => {
    const { page } = await browser.open((await relay.linkFor('ada')).replace('127.0.0.1', 'insecure.test'));
    await says(page, 'context.insecure');
  });

  test('a browser without encoded transforms', async () => {
    const before = () => void Reflect.deleteProperty(globalThis, 'RTCRtpScriptTransform');
    const { page } = await browser.open(await relay.linkFor('ada'), { before });
    await says(page, 'browser.too-old');
  });

  test('a permission that was refused: the person may join all the same', async () => {
    await withBrowser({ allows: false }, async (denying) => {
      const { page } = await denying.open(await relay.linkFor('ada'));
      await says(page, 'permission.camera');
      await says(page, 'permission.microphone');
      await typeNameAndJoin(page);
      await page.locator('.meeting').waitFor();
      await page.getByRole('button', { name: 'Camera on' }).click();
      await says(page, 'permission.camera');
    });
  });

  test('no device, and one that does not start', async () => {
    await withBrowser({ hasDevices: false }, async (bare) => {
      const { page } = await bare.open(await relay.linkFor('ada'));
      await says(page, 'no-device.camera');
      await says(page, 'no-device.microphone');
    });
    const before = () => {
      navigator.mediaDevices.getUserMedia = () =>
        Promise.reject(new DOMException('in use', 'NotReadableError'));
    };
    const { page } = await browser.open(await relay.linkFor('ada'), { before });
    await says(page, 'device-busy.camera');
    await says(page, 'device-busy.microphone');
  });

  test('a screen that is not shared, is not there, or is not given', async () => {
    const { page } = await browser.open(await relay.linkFor('ada'));
    await joinAs(page, 'Ada');
    const faults = {
      NotAllowedError: 'permission.screen',
      NotFoundError: 'no-device.screen',
      NotReadableError: 'device-busy.screen',
    } as const;
    for (const [name, fault] of Object.entries(faults)) {
      await page.evaluate((given) => {
        navigator.mediaDevices.getDisplayMedia = () => Promise.reject(new DOMException('', given));
      }, name);
      await page.getByRole('button', { name: 'Share screen' }).click();
      await says(page, fault);
    }
  });

  test('a camera or microphone that is unplugged in the meeting', async () => {
    const before = () => {
      const capture = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (constraints) => {
        const stream = await capture(constraints);
        // As the browser does when the device goes: the track is over, and says so.
        for (const track of stream.getTracks())
          addEventListener(`unplug-${track.kind}`, () => {
            track.stop();
            track.dispatchEvent(new Event('ended'));
          });
        return stream;
      };
    };
    const { page } = await browser.open(await relay.linkFor('ada'), { before });
    await joinAs(page, 'Ada');
    for (const [kind, fault] of [
      ['audio', 'unplugged.microphone'],
      ['video', 'unplugged.camera'],
    ] as const) {
      await page.evaluate((given) => dispatchEvent(new Event(`unplug-${given}`)), kind);
      await says(page, fault);
    }
    const own = page.locator('.tile[data-name="Ada (you)"]');
    await own.getByLabel('Microphone is off').waitFor();
    assert.equal(await own.locator('video').count(), 0);
  });

  test('a refusal at the door, with its reference', async () => {
    const prepare = refuseJoin('entry.refused', '7Q2M-0A1B');
    const { page } = await browser.open(await relay.linkFor('ada'), { prepare });
    await typeNameAndJoin(page);
    await says(page, 'admission.refused');
    await page.getByText(/: [0-9A-Z]{4}-[0-9A-Z]{4}$/).waitFor();
  });

  test('a meeting that is full', async () => {
    const { page } = await browser.open(await relay.linkFor('ada'), { prepare: refuseJoin('join.full') });
    await typeNameAndJoin(page);
    await says(page, 'meeting.full');
  });

  test('a connection that breaks, until it is back', async () => {
    const held: (() => void)[] = [];
    let isCut = false;
    let cut: () => void = () => {};
    const prepare = (page: Page) =>
      page.routeWebSocket(/\/v1\/meet$/, async (socket) => {
        if (isCut) await new Promise<void>((resolve) => held.push(resolve));
        socket.connectToServer();
        cut = () => {
          isCut = true;
          void socket.close({ code: 4000, reason: '' });
        };
      });
    const { page } = await browser.open(await relay.linkFor('ada'), { prepare });
    await joinAs(page, 'Ada');
    cut();
    await page.getByText('Reconnecting…').waitFor();
    isCut = false;
    for (const release of held) release();
    await page.getByText('Reconnecting…').waitFor({ state: 'hidden' });
  });

  test('a relay that is not there: it is sought, and the person may stop that', async () => {
    const { page } = await browser.open(await relay.linkFor('ada'));
    await page.getByText(ENGLISH.check.title).waitFor();
    await relay.process.stop();
    await typeNameAndJoin(page);
    await page.getByText(ENGLISH.joining.slow).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText(ENGLISH.check.title).waitFor();
    assert.equal(await page.getByLabel('Your name').inputValue(), 'Ada');
  });
});
