import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { runBelfry } from '../support/belfry-process.ts';
import { connectFamily, type Family, Gate, setMtu } from '../support/network-namespaces.ts';
import { joinAs } from '../support/page-stage.ts';
import { launchTrusting, NO_TRUSTING_CHROMIUM } from '../support/trusting-chromium.ts';

const LIMITS = { skip: NO_TRUSTING_CHROMIUM, timeout: 180_000 };
const FREE_PORTS = ['--port', '0', '--metrics-port', '0', '--media-port', '0', '--workers', '1'];
const PATIENCE_MS = 60_000;
const SMALL_MTU_BYTES = 1_280;
/** Seconds of pictures: a path that lets only the first ones through is none. */
const FRAMES = 30;

const openPage = async (browser: Browser, link: string): Promise<Page> => {
  const context = await browser.newContext();
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  await page.goto(link);
  return page;
};

const sees = async (page: Page, name: string): Promise<void> => {
  await page.waitForFunction(
    ([selector, frames]) => {
      const element = document.querySelector(selector);
      return (
        element instanceof HTMLVideoElement && element.getVideoPlaybackQuality().totalVideoFrames > frames
      );
    },
    [`.tile[data-name="${name}"] video`, FRAMES] as const,
    { timeout: PATIENCE_MS },
  );
};

interface Hurdle {
  readonly mtuBytes?: number;
  readonly dropsUdp?: boolean;
}

const FRAGMENTS = [
  { name: 'fragments', match: 'ip frag-off & 0x3fff != 0' },
  { name: 'fragments', match: 'exthdr frag exists' },
] as const;

/** Two browsers meet over a network with this hurdle; answers what was counted at the relay's door. */
const meet = async (t: TestContext, family: Family, name: string, { mtuBytes, dropsUdp = false }: Hurdle) => {
  const hosts = connectFamily(family, name);
  if (hosts === undefined) {
    t.skip('needs root and ip netns');
    return undefined;
  }
  if (mtuBytes !== undefined) setMtu(hosts, mtuBytes);
  const rules = [
    ...FRAGMENTS,
    { name: 'udp', match: 'meta l4proto udp', drop: dropsUdp },
    { name: 'tcp', match: 'meta l4proto tcp' },
  ];
  const [gate] = [new Gate(hosts.relay, rules), new Gate(hosts.client, rules)];
  const stateDir = mkdtempSync(join(tmpdir(), 'belfry-state-'));
  const serve = runBelfry(['serve', '--lan', '--state-dir', stateDir, ...FREE_PORTS], {
    wrapper: hosts.relay,
  });
  let browser: Browser | undefined;
  try {
    const [link] = await serve.printed(/https:\/\/\S+#\S+/);
    const root = readFileSync(join(stateDir, 'root.pem'), 'utf8');
    browser = await launchTrusting({ root, wrapper: hosts.client });
    const [ada, bob] = [await openPage(browser, link), await openPage(browser, link)];
    await joinAs(ada, 'Ada');
    await joinAs(bob, 'Bob');
    await sees(ada, 'Bob');
    await sees(bob, 'Ada');
    return { udp: gate.count('udp'), tcp: gate.count('tcp'), fragments: gate.count('fragments') };
  } finally {
    await browser?.close();
    await serve.stop();
    hosts.remove();
    rmSync(stateDir, { recursive: true });
  }
};

for (const family of ['IPv4', 'IPv6'] as const satisfies Family[]) {
  test(`${family}: browsers meet by TCP where UDP is dropped`, LIMITS, async (t) => {
    const counted = await meet(t, family, `bu${family.at(-1)}`, { dropsUdp: true });
    // Thousands of packets of pictures; the page and signaling are some hundreds.
    if (counted !== undefined) assert.ok(counted.tcp > 1_000, `${counted.tcp} TCP packets`);
  });

  test(
    `${family}: browsers meet over a path of ${SMALL_MTU_BYTES} bytes, without a fragment`,
    LIMITS,
    async (t) => {
      const counted = await meet(t, family, `bm${family.at(-1)}`, { mtuBytes: SMALL_MTU_BYTES });
      if (counted === undefined) return;
      assert.ok(counted.udp > 300, `${counted.udp} UDP packets`);
      assert.equal(counted.fragments, 0);
    },
  );
}
