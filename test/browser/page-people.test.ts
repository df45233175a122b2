/** The page where a meeting is entered by certificate: a real relay, a real authority, two browsers' worth of people. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { buildPage } from '../../scripts/lib/web.mjs';
import { formatLink, type MeetingLink } from '../../src/client/link.ts';
import type { FaultCode } from '../../src/client/page/fault-codes.ts';
import type { DeviceId } from '../../src/trust/devices/ids.ts';
import { ENGLISH } from '../../web/texts/en.ts';
import {
  joinAs,
  launchBrowser,
  NO_CHROMIUM,
  type OpenedPage,
  type PageBrowser,
} from '../support/page-stage.ts';
import { IN_NORTH, openPeopleStage, type PeopleStage } from '../support/people-stage.ts';
import { PROJECT_DIR } from '../support/source-tree.ts';

const { enrolling, check, faults } = ENGLISH;
const MARKING = 'CONFIDENTIEL/VERTROUWELIJK';

const says = async (page: Page, code: FaultCode): Promise<void> => {
  await page.getByText(faults[code].title).waitFor();
  await page.getByText(faults[code].text).waitFor();
};

const tileOf = (page: Page, name: string): Locator => page.locator(`.tile[data-name="${name}"]`);
const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });
const marking = (page: Page): Locator => page.getByRole('note', { name: ENGLISH.meeting.marking });

const typeCode = async (page: Page, code: string): Promise<void> => {
  await page.getByLabel(enrolling.code).fill(code);
  await button(page, enrolling.enrol).click();
};

describe('the page of a meeting with a charter', { skip: NO_CHROMIUM, timeout: 240_000 }, () => {
  let stage: PeopleStage;
  let browser: PageBrowser;

  before(async () => {
    await buildPage(PROJECT_DIR, process.execPath);
    stage = await openPeopleStage();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await stage?.close();
  });

  const open = (change: Partial<MeetingLink> = {}): Promise<OpenedPage> =>
    browser.open(formatLink({ ...stage.link, ...change }));

  /** The device that was enrolled, if it was. */
  const answered = async (page: Page): Promise<DeviceId | undefined> => {
    await page.getByText(enrolling.waitingTitle).waitFor();
    const [note, ...more] = await stage.answer();
    assert.equal(more.length, 0);
    return note?.kind === 'issued' ? note.issued.device : undefined;
  };

  describe('of people who are in it', () => {
    let ada: Page;
    let bob: Page;
    let adasCode: string;
    let bobsDevice: DeviceId | undefined;

    test('enrols by the code in the link, which it takes out of the address', async () => {
      adasCode = await stage.invite('ada', IN_NORTH);
      const opened = await open({ code: adasCode });
      ada = opened.page;
      await answered(ada);
      await ada.getByText(check.title).waitFor();
      assert.equal(ada.url(), formatLink(stage.link));
      assert.equal(
        opened.log.urls.some((url) => url.includes(adasCode)),
        false,
      );
    });

    test('enrols by a code that was typed in any way', async () => {
      ({ page: bob } = await open());
      const code = (await stage.invite('bob', IN_NORTH)).toLowerCase().replaceAll('-', ' ');
      await bob.getByLabel(enrolling.code).fill(code.slice(0, -1));
      assert.equal(await button(bob, enrolling.enrol).isDisabled(), true);
      await typeCode(bob, code);
      bobsDevice = await answered(bob);
      await bob.getByText(check.title).waitFor();
    });

    test('shows each the other, under the marking of the meeting', async () => {
      await joinAs(ada, 'Ada');
      await joinAs(bob, 'Bob');
      await tileOf(ada, 'Bob').locator('video').waitFor();
      await tileOf(bob, 'Ada').locator('video').waitFor();
      for (const page of [ada, bob]) {
        assert.equal(await marking(page).textContent(), `${MARKING} · Group`);
        const help = await page.locator('.lock').getAttribute('title');
        assert.equal(help, ENGLISH.meeting.lockHelpCertified);
      }
    });

    test('keeps the device: a page that is loaded anew asks nobody', async () => {
      await ada.reload();
      await ada.getByText(check.title).waitFor();
      await joinAs(ada, 'Ada');
      await tileOf(bob, 'Ada').locator('video').waitFor();
      assert.deepEqual(await stage.answer(), []);
    });

    test('tells somebody else that a code was used', async () => {
      const { page } = await open({ code: adasCode });
      await answered(page);
      await says(page, 'enrolment.code');
      await page.context().close();
    });

    test('tells whose device is revoked why it is out, and enrols it again with a new code', async () => {
      await stage.revoke(bobsDevice ?? assert.fail('enrolled above'));
      await says(bob, 'device.revoked');
      await tileOf(ada, 'Bob').waitFor({ state: 'detached' });
      await button(bob, enrolling.enrol).click();
      await says(bob, 'device.revoked');
      await typeCode(bob, await stage.invite('bob', IN_NORTH));
      assert.notEqual(await answered(bob), bobsDevice);
      await joinAs(bob, 'Bob');
      await tileOf(ada, 'Bob').waitFor();
      await button(ada, 'Leave').click();
      await browser.closePages();
    });
  });

  describe('of people who are not let in', () => {
    afterEach(() => browser.closePages());

    test('says that there is no clearance yet, and goes on once there is one', async () => {
      const { page } = await open({ code: await stage.invite('cora', { level: 'none' }) });
      await answered(page);
      await says(page, 'clearance.missing');
      await stage.clear('cora', IN_NORTH);
      await stage.enrolElsewhere(await stage.invite('cora', IN_NORTH));
      await button(page, check.again).click();
      await answered(page);
      await page.getByText(check.title).waitFor();
      await says(page, 'device.new');
      await button(page, ENGLISH.notices.known).click();
      await page.getByText(faults['device.new'].title).waitFor({ state: 'detached' });
    });

    test('tells of a new device of its person when it is opened, until that was seen, when a meeting is entered, and in it', async () => {
      const { page } = await open({ code: await stage.invite('alan', IN_NORTH) });
      await answered(page);
      await page.getByText(check.title).waitFor();
      await stage.enrolElsewhere(await stage.invite('alan', IN_NORTH));
      for (const _ of ['first', 'again']) {
        await page.reload();
        await says(page, 'device.new');
      }
      await button(page, ENGLISH.notices.known).click();
      await page.getByText(faults['device.new'].title).waitFor({ state: 'detached' });
      await page.reload();
      await page.getByText(check.title).waitFor();
      await stage.enrolElsewhere(await stage.invite('alan', IN_NORTH));
      assert.equal(await page.getByText(faults['device.new'].title).count(), 0);
      await joinAs(page, 'Alan');
      await says(page, 'device.new');
      await button(page, ENGLISH.notices.close).click();
      await page.getByText(faults['device.new'].title).waitFor({ state: 'detached' });
      await stage.enrolElsewhere(await stage.invite('alan', IN_NORTH));
      await says(page, 'device.new');
    });

    test('says no more than the relay to who is cleared for less, with the reference', async () => {
      const { page } = await open({ code: await stage.invite('dan', { level: 'secret', groups: [] }) });
      await answered(page);
      await page.getByLabel(check.name).fill('Dan');
      await button(page, check.join).click();
      await says(page, 'admission.refused');
      await page.getByText(/: [0-9A-Z]{4}-[0-9A-Z]{4}$/).waitFor();
    });

    test('takes no answer of another authority than that of the link', async () => {
      const code = await stage.invite('eve', IN_NORTH);
      const { page } = await open({ code, root: new Uint8Array(32) });
      await answered(page);
      await says(page, 'enrolment.other-root');
    });

    test('says where this relay passes on no requests', async () => {
      const code = await stage.invite('hal', IN_NORTH);
      const prepare = async (page: Page) =>
        void (await page.route('**/v1/enrolment', (route) => route.fulfill({ status: 404 })));
      const { page } = await browser.open(formatLink({ ...stage.link, code }), { prepare });
      await says(page, 'enrolment.no-mailbox');
      assert.ok(page.url().endsWith(`&code=${code}`), 'it is not used up');
    });

    test('lets nobody in by a relay that hides the list of revocations', async () => {
      const code = await stage.invite('ian', IN_NORTH);
      const prepare = async (page: Page) =>
        void (await page.route('**/v1/revocation', (route) => route.abort()));
      const { page } = await browser.open(formatLink({ ...stage.link, code }), { prepare });
      await answered(page);
      await page.getByLabel(check.name).fill('Ian');
      await button(page, check.join).click();
      await says(page, 'list.not-current');
    });

    test('waits for the authority for as long as the person likes', async () => {
      const { page } = await open({ code: await stage.invite('fay', IN_NORTH) });
      await page.getByText(enrolling.waiting).waitFor();
      await button(page, ENGLISH.joining.cancel).click();
      await page.getByLabel(enrolling.code).waitFor();
      assert.equal((await stage.answer()).length, 1);
    });

    test('says where a charter is another than the link’s', async () => {
      const other = `${stage.link.charter?.startsWith('A') ? 'B' : 'A'}${stage.link.charter?.slice(1)}`;
      const charter = other as NonNullable<MeetingLink['charter']>;
      const { page } = await open({ code: await stage.invite('gus', IN_NORTH), charter });
      await answered(page);
      await page.getByLabel(check.name).fill('Gus');
      await button(page, check.join).click();
      await says(page, 'charter.other');
    });
  });
});
