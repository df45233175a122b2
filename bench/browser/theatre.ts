import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { BelfryError } from '../../src/base/errors.ts';
import { hasChromium, launchChromium, NO_CHROMIUM, type TestBrowser } from '../../test/browser/chromium.ts';
import { Company, type Links } from './company.ts';
import type { CostOrder, JoinOptions } from './page/api.ts';

/** A machine so busy that a step takes longer gives no figures worth having. */
const PATIENCE_MS = 90_000;

/** As the relay's Content-Security-Policy wants it: every script a file of its own. */
const buildPage = (outDir: string): Promise<unknown> =>
  build({
    configFile: false,
    logLevel: 'error',
    root: join(import.meta.dirname, 'page'),
    worker: { format: 'es' },
    build: { outDir, emptyOutDir: true, target: 'esnext', assetsInlineLimit: 0, modulePreload: false },
  });

const withinPatience = async <T>(what: string, work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new BelfryError('bench.slow', `${what} took too long`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

/** One person's page, in a browser context of its own. */
export class Person {
  readonly page: Page;
  readonly #name: string;
  readonly #company: Company;
  readonly #lines: readonly string[];

  constructor(name: string, page: Page, company: Company, lines: readonly string[]) {
    this.page = page;
    this.#name = name;
    this.#company = company;
    this.#lines = lines;
  }

  async join(options: Omit<JoinOptions, 'name' | 'device'>): Promise<void> {
    const given = { ...options, name: this.#name, device: await this.#company.deviceOf(this.#name) };
    return this.#must('join', () => this.page.evaluate((to) => window.bench.join(to), given));
  }

  send(): Promise<void> {
    return this.#must('send', () => this.page.evaluate(() => window.bench.send()));
  }

  times() {
    return this.#within('times', () => this.page.evaluate(() => window.bench.times()));
  }

  costs(order: CostOrder) {
    return this.#within('costs', () => this.page.evaluate((given) => window.bench.costs(given), order));
  }

  received() {
    return this.#within('received', () => this.page.evaluate(() => window.bench.received()));
  }

  async leave(): Promise<void> {
    await this.#within('leave', () => this.page.evaluate(() => window.bench.leave())).catch(() => {});
    await this.page.context().close();
  }

  #within<T>(what: string, work: () => Promise<T>): Promise<T> {
    return withinPatience(`${this.#name}: ${what}`, work());
  }

  async #must(what: string, work: () => Promise<string>): Promise<void> {
    const code = await this.#within(what, work);
    if (code !== 'ok')
      throw new BelfryError('bench.refused', `${this.#name}: ${what}: ${code}\n${this.#lines.join('\n')}`);
  }
}

/** Where a benchmark plays: the built page, a browser, and one relay at a time. */
export class Theatre {
  readonly #folder: string;
  readonly #browser: TestBrowser;
  #company: Company | undefined;

  private constructor(folder: string, browser: TestBrowser) {
    this.#folder = folder;
    this.#browser = browser;
  }

  static async open(): Promise<Theatre> {
    if (!hasChromium()) throw new BelfryError('bench.no-browser', NO_CHROMIUM);
    const folder = mkdtempSync(join(tmpdir(), 'belfry-bench-page-'));
    await buildPage(folder);
    return new Theatre(folder, await launchChromium());
  }

  /** The links of a fresh relay's two meetings; the one before ends. */
  async startRelay(...options: readonly '--unwitnessed'[]): Promise<Links> {
    await this.#endRelay();
    this.#company = await Company.open(this.#folder, options);
    return this.#company.links;
  }

  async person(name: string): Promise<Person> {
    const company = this.#company;
    if (company === undefined) throw new BelfryError('bug.no-relay', 'start a relay first');
    const { page, lines } = await this.#browser.openPage(`${company.origin}/`, 'bench');
    return new Person(name, page, company, lines);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#endRelay();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #endRelay(): Promise<void> {
    const company = this.#company;
    this.#company = undefined;
    await company?.close();
  }
}
