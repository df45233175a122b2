/** The links of the demonstration, in three browsers: a chair, a deputy and a member, in a meeting with a charter. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { CAST } from '../../bin/demo/cast.ts';
import { buildPage } from '../../scripts/lib/web.mjs';
import { MAX_TITLE_BYTES } from '../../src/trust/hall/title.ts';
import { ENGLISH } from '../../web/texts/en.ts';
import { type BelfryProcess, runBelfry } from '../support/belfry-process.ts';
import { joinAs, launchBrowser, NO_CHROMIUM, type PageBrowser } from '../support/page-stage.ts';
import { PROJECT_DIR } from '../support/source-tree.ts';

const { people, controls, joining, faults } = ENGLISH;
const NAMES = ['Anna', 'Bert', 'Chloé'] as const;
const [{ id: ANNA }, { id: BERT }, { id: CHLOE }] = CAST;
const TITLE = 'Winter plans';
/** As long as one can be, and of the widest letters, without a place to break. */
const LONG_TITLE = 'W'.repeat(MAX_TITLE_BYTES);
const NARROW = { width: 360, height: 780 };

const tileOf = (page: Page, name: string): Locator => page.locator(`.tile[data-name="${name}"]`);
const button = (within: Page | Locator, name: string): Locator =>
  within.getByRole('button', { name, exact: true });
const titleOf = (page: Page, title: string): Locator =>
  page.getByRole('heading', { level: 1, name: title, exact: true });
const panel = (page: Page): Locator => page.getByRole('complementary', { name: people.title });
/** Of everything in the header and of what is pressed below: how far it stands out of the window. */
const standsOutPx = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const boxes = [...document.querySelectorAll('header > *, .controls > *')].map((one) =>
      one.getBoundingClientRect(),
    );
    return Math.max(
      ...boxes.flatMap(({ left, right, bottom }) => [-left, right - innerWidth, bottom - innerHeight]),
    );
  });
const rowOf = (page: Page, person: string): Locator => panel(page).locator(`li[data-person="${person}"]`);

describe('the page of a conducted meeting', { skip: NO_CHROMIUM, timeout: 240_000 }, () => {
  let folder: string;
  let demo: BelfryProcess;
  let browser: PageBrowser;
  let anna: Page;
  let bert: Page;
  let chloe: Page;

  before(async () => {
    await buildPage(PROJECT_DIR, process.execPath);
    folder = mkdtempSync(join(tmpdir(), 'belfry-conduct-'));
    demo = runBelfry(['demo', '--state-dir', folder]);
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await demo?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The chair's, about one person. */
  const order = async (person: string, what: string): Promise<void> => {
    await button(rowOf(anna, person), people.orders).click();
    await button(rowOf(anna, person), what).click();
  };

  test('is entered by three links that enrol a browser each, with nothing to type but a name', async () => {
    await demo.printed(/(?:http:\/\/\S+#\S+[\s\S]*){3}Check:/);
    const [first = '', ...others] = demo.output().match(/http:\/\/\S+#\S+/g) ?? [];
    const links = [first.replace(/&title=[^&]*$/, `&title=${LONG_TITLE}`), ...others];
    const pages: Page[] = [];
    for (const [i, name] of NAMES.entries()) {
      const { page } = await browser.open(links[i] ?? '');
      await joinAs(page, name);
      pages.push(page);
    }
    [anna, bert, chloe] = pages as [Page, Page, Page];
    await tileOf(anna, 'Bert').locator('video').waitFor();
    await tileOf(chloe, 'Anna').locator('video').waitFor();
    // The self-check measures on the same machine.
    await demo.printed(/Self-check passed/);
  });

  test('shows the chair what can be ordered, and nobody else', async () => {
    for (const page of [anna, bert]) await button(page, controls.people(3)).click();
    await rowOf(anna, ANNA).getByText(people.chair).waitFor();
    await rowOf(bert, BERT).getByText(people.deputy).waitFor();
    assert.equal(await button(panel(anna), people.muteAll).count(), 1);
    assert.equal(await button(panel(bert), people.muteAll).count(), 0);
    assert.equal(await button(rowOf(bert, CHLOE), people.orders).count(), 0);
  });

  test('calls people by the names that they gave themselves, which stand in no certificate', async () => {
    for (const page of [anna, bert])
      assert.equal(await rowOf(page, CHLOE).locator('.name').textContent(), 'Chloé');
    await button(chloe, controls.people(3)).click();
    const seen = await panel(chloe).locator('.who .name').allTextContents();
    assert.deepEqual(seen.sort(), ['Anna', 'Bert', ENGLISH.meeting.you('Chloé')]);
    await button(chloe, controls.people(3)).click();
  });

  test('shows the title of the chair’s link to all, and nothing stands out of a narrow window', async () => {
    const before = chloe.viewportSize();
    for (const page of [anna, bert, chloe]) await titleOf(page, LONG_TITLE).waitFor();
    await chloe.setViewportSize(NARROW);
    const outPx = await standsOutPx(chloe);
    const { height = 0 } = (await titleOf(chloe, LONG_TITLE).boundingBox()) ?? {};
    if (before !== null) await chloe.setViewportSize(before);
    assert.ok(outPx <= 0, `${outPx}`);
    assert.ok(height > 0 && height < NARROW.height / 8, `${height}`);
  });

  test('shows what the chair calls the meeting to all, and lets nobody else call it anything', async () => {
    const field = { name: people.meetingTitle };
    assert.equal(await panel(bert).getByRole('textbox', field).count(), 0);
    await panel(anna).getByRole('textbox', field).fill(TITLE);
    await button(panel(anna), people.entitle).click();
    for (const page of [anna, bert, chloe]) await titleOf(page, TITLE).waitFor();
  });

  test('shows a raised hand to everybody', async () => {
    await button(chloe, controls.raiseHand).click();
    await rowOf(anna, CHLOE).getByLabel(people.hand(1)).waitFor();
    await rowOf(bert, CHLOE).getByLabel(people.hand(1)).waitFor();
    await order(CHLOE, people.lowerHand);
    await button(chloe, controls.raiseHand).waitFor();
  });

  test('shows who is beside a room’s device, and that the chair has confirmed those very people', async () => {
    await button(chloe, controls.people(3)).click();
    const declare = async (...persons: readonly string[]) => {
      await panel(chloe).getByRole('textbox', { name: people.ownBeside }).fill(persons.join(', '));
      await button(panel(chloe), people.declare).click();
    };
    const besideAt = (page: Page): Locator => rowOf(page, 'chloe').locator('.beside');
    await declare('guest-1', 'guest-2');
    for (const page of [anna, bert])
      await besideAt(page)
        .getByText(people.beside(['guest-1', 'guest-2']))
        .waitFor();
    assert.equal(await button(besideAt(bert), people.confirm).count(), 0);
    await button(besideAt(anna), people.confirm).click();
    for (const page of [anna, bert]) await besideAt(page).getByText(people.confirmed).waitFor();
    await declare('guest-1', 'guest-3');
    for (const page of [anna, bert]) {
      await besideAt(page)
        .getByText(people.beside(['guest-1', 'guest-3']))
        .waitFor();
      assert.equal(await besideAt(page).getByText(people.confirmed).count(), 0);
    }
    await button(besideAt(anna), people.confirm).waitFor();
    await button(chloe, controls.people(3)).click();
  });

  test('shows one code of the keys to all, and after a comparison what changed since', async () => {
    const { code, compare, compared, noChange } = ENGLISH.meeting.epoch;
    const codes: (string | null)[] = [];
    for (const page of [anna, bert, chloe]) {
      await page.getByText(code, { exact: true }).click();
      codes.push(await page.locator('.epoch .digits').textContent());
    }
    assert.match(codes[0] ?? '', /^\d{5} \d{5} \d{5} \d{5}$/);
    assert.deepEqual(codes, [codes[0], codes[0], codes[0]]);
    await button(anna, compare).click();
    await anna.getByText(compared).waitFor();
    await anna.getByText(noChange).waitFor();
    for (const page of [anna, bert, chloe]) await page.getByText(code, { exact: true }).click();
  });

  test('lets a screen be shown by who was granted it', async () => {
    assert.equal(await button(chloe, controls.shareScreen).isDisabled(), true);
    await order(CHLOE, people.grant.screen);
    await chloe.waitForFunction(
      (label) => !document.querySelector<HTMLButtonElement>(`button[aria-label="${label}"]`)?.disabled,
      controls.shareScreen,
    );
    await button(chloe, controls.shareScreen).click();
    await anna.locator('.tile.screen video').waitFor();
    await order(CHLOE, people.withdraw.screen);
    await anna.locator('.tile.screen').waitFor({ state: 'detached' });
    await chloe.getByText(faults['conduct.stopped'].title).waitFor();
    await button(chloe, controls.shareScreen).waitFor();
  });

  test('mutes everybody, and each goes on by itself', async () => {
    await button(panel(anna), people.muteAll).click();
    for (const page of [bert, chloe]) await button(page, controls.unmute).waitFor();
    await bert.getByText(faults['conduct.muted'].title).waitFor();
    await button(bert, controls.unmute).click();
    await button(bert, controls.mute).waitFor();
  });

  test('sends somebody before the door, who sees nothing, and calls him in again; a code that is read stays', async () => {
    const { code, outdated, showNewest } = ENGLISH.meeting.epoch;
    const digits = () => chloe.locator('.epoch .digits').textContent();
    await chloe.getByText(code, { exact: true }).click();
    const read = await digits();
    await order(BERT, people.toLobby);
    await bert.getByText(joining.waitingTitle).waitFor();
    assert.equal(await bert.locator('.tile').count(), 0);
    const shown = await bert.content();
    assert.deepEqual(
      [TITLE, ...NAMES].filter((text) => shown.includes(text)),
      [],
    );
    await tileOf(anna, 'Bert').waitFor({ state: 'detached' });
    await chloe.getByText(outdated).waitFor();
    assert.equal(await digits(), read);
    await button(chloe, showNewest).click();
    await chloe.getByText(outdated).waitFor({ state: 'detached' });
    assert.notEqual(await digits(), read);
    await chloe.getByText(code, { exact: true }).click();
    const door = panel(anna).getByRole('region', { name: people.waiting(1) });
    // Whose certificate it is, and not what he calls himself.
    const atDoor = await door.locator(`[data-person="${BERT}"] .name`).textContent();
    assert.match(atDoor ?? '', new RegExp(`^${BERT} \\([a-z0-9-]+\\)$`));
    await button(door, people.admit).click();
    await tileOf(anna, 'Bert').locator('video').waitFor();
    await tileOf(bert, 'Anna').locator('video').waitFor();
    await titleOf(bert, TITLE).waitFor();
  });

  test('lists who came and who went since the comparison, by which keys, the newest first', async () => {
    const { code } = ENGLISH.meeting.epoch;
    await anna.getByText(code, { exact: true }).click();
    const changes = anna.locator('.epoch .changes li');
    await changes.getByText('came: Bert').waitFor();
    const [came = '', left = '', ...more] = await changes.allTextContents();
    assert.match(came, /^Keys \d+: came: Bert$/);
    assert.match(left, /^Keys \d+: left: Bert$/);
    assert.deepEqual(more, []);
    const [later = 0, sooner = 0] = [came, left].map((text) => Number(/\d+/.exec(text)?.[0]));
    assert.ok(later > sooner);
    await anna.getByText(code, { exact: true }).click();
  });

  test('saves a checkpoint, against which the record is verified', async () => {
    const saved = anna.waitForEvent('download');
    // The relay signs once a minute.
    await panel(anna).getByRole('link', { name: people.saveCheckpoint }).click({ timeout: 90_000 });
    const file = join(folder, 'checkpoint.json');
    await (await saved).saveAs(file);
    const verify = runBelfry(['audit', 'verify', '--state-dir', folder, '--checkpoint', file]);
    assert.equal((await verify.ended).status, 0, verify.output());
    const { count, ...kept } = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...kept, count: count + 1 }));
    const forked = runBelfry(['audit', 'verify', '--state-dir', folder, '--checkpoint', file]);
    assert.equal((await forked.ended).status, 1, forked.output());
    assert.match(forked.output(), /checkpoint\.(forked|beyond-end)/);
  });

  test('lowers the marking when a second person agrees', async () => {
    await panel(anna).getByLabel(people.lowerMarking).selectOption('restricted');
    await bert.getByText(people.pending).first().waitFor();
    await button(bert, people.show).click();
    await button(panel(bert), people.agree).click();
    for (const page of [anna, bert, chloe]) await page.getByText('RESTREINT/BEPERKT').first().waitFor();
  });

  test('hands over the chair, who is told so', async () => {
    await order(BERT, people.handOverChair);
    await bert.getByText(faults['conduct.chair'].title).waitFor();
    await button(panel(bert), people.muteAll).waitFor();
    assert.equal(await button(panel(anna), people.muteAll).count(), 0);
  });

  test('ends for everybody', async () => {
    await button(panel(bert), people.end).click();
    await button(panel(bert), people.endSurely).click();
    for (const page of [anna, bert, chloe]) await page.getByText(faults['meeting.ended'].title).waitFor();
  });
});
