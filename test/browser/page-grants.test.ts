/** A meeting whose charter lets members send nothing until the chair grants it, in two browsers. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { ENGLISH } from '../../web/texts/en.ts';
import {
  joinAs,
  launchBrowser,
  NO_CHROMIUM,
  type PageBrowser,
  startPageRelay,
} from '../support/page-stage.ts';
import type { ServedMeeting } from '../support/served-meeting.ts';

const { people, controls, meeting, faults } = ENGLISH;

const button = (within: Page | Locator, name: string): Locator =>
  within.getByRole('button', { name, exact: true });
const tileOf = (page: Page, name: string): Locator => page.locator(`.tile[data-name="${name}"]`);
const says = (page: Page, text: string): Promise<void> => page.getByText(text).waitFor();
const why = (page: Page, name: string): Promise<string | null> =>
  button(page, name).getAttribute('aria-description');

describe('the page of a meeting in which the chair alone speaks', {
  skip: NO_CHROMIUM,
  timeout: 240_000,
}, () => {
  let relay: ServedMeeting;
  let browser: PageBrowser;
  let ada: Page;
  let bob: Page;

  before(async () => {
    relay = await startPageRelay();
    browser = await launchBrowser();
    const link = await relay.people.convene({ origin: relay.origin, grants: [] });
    const open = async (name: string): Promise<Page> => {
      const { page } = await browser.open(await relay.people.linkFor(name, link));
      await joinAs(page, name);
      return page;
    };
    [ada, bob] = [await open('ada'), await open('bob')];
    await button(ada, controls.people(2)).click();
  });
  after(async () => {
    await browser?.close();
    await relay?.stop();
  });

  const order = async (what: string): Promise<void> => {
    const row = ada.locator('li[data-person="bob"]');
    await button(row, people.orders).click();
    await button(row, what).click();
  };

  test('says to a member what is denied and why, and has camera and microphone off', async () => {
    await says(bob, meeting.denied(true, true));
    for (const name of [controls.unmute, controls.cameraOn, controls.shareScreen]) {
      assert.equal(await button(bob, name).isDisabled(), true, name);
      assert.equal(await why(bob, name), controls.notGranted, name);
    }
    assert.equal(await tileOf(bob, 'bob').locator('video').count(), 0);
    await tileOf(bob, 'ada').locator('video').waitFor();
  });

  test('captures nothing by a key whose button is shut', async () => {
    await bob.keyboard.press('v');
    await says(bob, faults['media.not-granted'].title);
    assert.equal(await tileOf(bob, 'bob').locator('video').count(), 0);
    await button(bob, ENGLISH.notices.close).click();
  });

  test('opens what the chair grants, and turns nothing on by itself', async () => {
    await order(people.grant.microphone);
    await says(bob, faults['conduct.granted'].title);
    await says(bob, meeting.denied(false, true));
    await button(bob, controls.unmute).click();
    await button(bob, controls.mute).waitFor();
    assert.equal(await button(bob, controls.cameraOn).isDisabled(), true);
    await order(people.grant.camera);
    await bob.locator('.denied').waitFor({ state: 'detached' });
    await button(bob, controls.cameraOn).click();
    await tileOf(ada, 'bob').locator('video').waitFor();
  });

  test('takes it back, and says that an observer sends nothing', async () => {
    await order(people.withdraw.camera);
    await says(bob, meeting.denied(false, true));
    await bob.getByText(faults['conduct.granted'].title).waitFor({ state: 'detached' });
    await tileOf(ada, 'bob').locator('video').waitFor({ state: 'detached' });
    await order(people.makeObserver);
    await says(bob, meeting.observing);
    assert.equal(await why(bob, controls.unmute), controls.observing);
  });
});
