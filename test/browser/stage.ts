import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';

import type { MeetingLink } from '../../src/client/link.ts';
import type { Headless } from '../../src/client/selfcheck/headless.ts';
import { type BelfryProcess, runBelfry } from '../support/belfry-process.ts';
import { originOf } from '../support/people-home.ts';
import { joinHeadless } from '../support/real-meeting.ts';
import { RealPeople } from '../support/real-people.ts';
import { launchChromium, type TestBrowser } from './chromium.ts';
import type { Figures, JoinOptions, PageEntry } from './harness/api.ts';
import { type HarnessSite, serveHarness } from './harness-site.ts';
import { assertOnceOnly } from './nonces.ts';

/** Longer than anything may take on two busy cores; a test that waits this long fails. */
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 100;

const SERVE = ['serve', '--port', '0', '--metrics-port', '0', '--media-port', '0', '--workers', '1'];

export interface Witnessed {
  readonly sealed: number;
  readonly clear: number;
  readonly wrongSender: number;
}

/** One person's browser. */
export class Person {
  readonly name: string;
  readonly page: Page;
  readonly lines: readonly string[];

  constructor(name: string, page: Page, lines: readonly string[]) {
    this.name = name;
    this.page = page;
    this.lines = lines;
  }

  figures(): Promise<Figures> {
    return this.page.evaluate(() => window.harness.figures());
  }

  async must(what: Promise<string>): Promise<void> {
    assert.equal(await what, 'ok', `${this.name}: ${this.lines.join('\n')}`);
  }

  join(options: JoinOptions): Promise<void> {
    return this.must(this.page.evaluate((given) => window.harness.join(given), options));
  }

  produce(source: 'camera' | 'microphone' | 'screen'): Promise<void> {
    return this.must(this.page.evaluate((given) => window.harness.produce(given), source));
  }

  stop(source: 'camera' | 'microphone'): Promise<void> {
    return this.must(this.page.evaluate((given) => window.harness.stop(given), source));
  }

  setPaused(source: 'camera' | 'microphone', paused: boolean): Promise<void> {
    return this.must(
      this.page.evaluate(([given, value]) => window.harness.setPaused(given, value), [
        source,
        paused,
      ] as const),
    );
  }

  /** Waits until the figures satisfy `holds`. */
  until(what: string, holds: (figures: Figures) => boolean): Promise<Figures> {
    return waitFor(`${this.name}: ${what}`, () => this.figures(), holds);
  }
}

/** Looks until `holds`, or fails with what it saw last. */
export const waitFor = async <T>(
  what: string,
  look: () => Promise<T>,
  holds: (seen: T) => boolean,
): Promise<T> => {
  const endMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (performance.now() > endMs)
      assert.fail(`it never came that ${what}: ${JSON.stringify(seen, undefined, 1)}`);
    await sleep(LOOK_EVERY_MS);
  }
};

interface Found {
  readonly authority: RealPeople;
  readonly link: MeetingLink;
  readonly metrics: string;
}

/** A relay process, its meeting, a browser, and people. */
export class Stage {
  readonly relay: BelfryProcess;
  readonly site: HarnessSite;
  readonly browser: TestBrowser;
  readonly #authority: RealPeople;
  #link: MeetingLink;
  readonly #metrics: string;
  readonly #people: Person[] = [];
  readonly #consoles: (readonly string[])[] = [];
  readonly #headless: Headless[] = [];

  private constructor(
    relay: BelfryProcess,
    site: HarnessSite,
    browser: TestBrowser,
    { authority, link, metrics }: Found,
  ) {
    this.relay = relay;
    this.site = site;
    this.browser = browser;
    this.#authority = authority;
    this.#link = link;
    this.#metrics = metrics;
  }

  static async open(launch = launchChromium): Promise<Stage> {
    const authority = await RealPeople.open();
    const { people, stateDir } = authority.folders;
    const relay = runBelfry([...SERVE, '--people', people, '--state-dir', stateDir]);
    const [metrics] = await relay.printed(/http:\/\/\S+\/metrics/);
    const origin = await originOf(relay);
    const link = await authority.convene(origin);
    const site = await serveHarness(origin);
    return new Stage(relay, site, await launch(), { authority, link, metrics });
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.site.close();
    await this.relay.stop();
    this.#authority.end();
  }

  /** For a person who is new. */
  async entry(): Promise<PageEntry> {
    const { meeting, charter = '' } = this.#link;
    return { meeting, charter, device: await this.#authority.handed() };
  }

  async person(name: string): Promise<Person> {
    const { page, lines } = await this.browser.openPage(this.site.origin);
    const person = new Person(name, page, lines);
    this.#people.push(person);
    this.#consoles.push(lines);
    return person;
  }

  /** Ends everybody who is there, and opens another meeting: who comes first has its chair. */
  async clear(): Promise<void> {
    for (const { page } of this.#people.splice(0)) {
      // Who never joined, or whose page is gone, has nothing to leave; a page that is closed alone lingers as a session.
      await page.evaluate(() => window.harness.leave()).catch(() => {});
      await page.context().close();
    }
    for (const { meeting } of this.#headless.splice(0)) await meeting.leave();
    this.#link = await this.#authority.convene(this.#link.origin);
  }

  async joined(name: string, options: Omit<JoinOptions, keyof PageEntry | 'name'> = {}): Promise<Person> {
    const person = await this.person(name);
    await person.join({ ...options, ...(await this.entry()), name });
    return person;
  }

  async headless(name: string): Promise<Headless> {
    const device = await this.#authority.device();
    const participant = await joinHeadless(this.#link, name, assert.fail, { device });
    this.#headless.push(participant);
    return participant;
  }

  async witnessed(): Promise<Witnessed> {
    const text = await (await fetch(this.#metrics)).text();
    const count = (seen: string): number =>
      [...text.matchAll(/^belfry_witness_frames_total\{([^}]*)\} (\d+)/gm)]
        .filter(([, labels = '']) => labels.includes(`seen="${seen}"`))
        .reduce((sum, [, , value]) => sum + Number(value), 0);
    return { sealed: count('sealed'), clear: count('clear'), wrongSender: count('wrong-sender') };
  }

  /** What every test of this folder must show at its end. */
  async assertNothingClear(): Promise<void> {
    const { sealed, clear, wrongSender } = await this.witnessed();
    assert.deepEqual({ clear, wrongSender }, { clear: 0, wrongSender: 0 });
    assert.ok(sealed > 0, 'the relay has looked at frames');
    assertOnceOnly(this.#consoles);
  }
}
