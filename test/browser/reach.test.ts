import assert from 'node:assert/strict';
import { randomBytes as nodeRandomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { buildPage } from '../../scripts/lib/web.mjs';
import { permittedFor } from '../../src/trust/hosts/permitted.ts';
import { createAuthority, issueHostCertificate } from '../../src/trust/signing/authority.ts';
import { runBelfry } from '../support/belfry-process.ts';
import { joinAs } from '../support/page-stage.ts';
import { PROJECT_DIR } from '../support/source-tree.ts';
import { launchTrusting, NO_TRUSTING_CHROMIUM } from '../support/trusting-chromium.ts';
import { connectHosts } from '../support/two-hosts.ts';

const LIMITS = { skip: NO_TRUSTING_CHROMIUM, timeout: 180_000 };
const FREE_PORTS = ['--port', '0', '--metrics-port', '0', '--media-port', '0', '--workers', '1'];

/** Long for a busy machine, and an end: a wait inside a page would outlive its test and keep the browser open. */
const SEES_WITHIN_MS = 60_000;

const openPage = async (browser: Browser, link: string): Promise<Page> => {
  const context = await browser.newContext();
  context.setDefaultTimeout(SEES_WITHIN_MS);
  const page = await context.newPage();
  await page.goto(link);
  return page;
};

/** Waits until the tile of `name` has decoded pictures. */
const sees = async (page: Page, name: string): Promise<void> => {
  const video = `.tile[data-name="${name}"] video`;
  await page.waitForFunction(
    (selector) => {
      const element = document.querySelector(selector);
      return element instanceof HTMLVideoElement && element.getVideoPlaybackQuality().totalVideoFrames > 3;
    },
    video,
    { timeout: SEES_WITHIN_MS },
  );
};

const NETWORKS = [
  { name: 'b4', relay: ['10.79.0.1/24'], client: ['10.79.0.2/24'] },
  { name: 'b6', relay: ['fd79::1/64'], client: ['fd79::2/64'] },
];

for (const { name, relay, client } of NETWORKS)
  test(`browsers on another machine open the printed link and meet, ${name}`, LIMITS, async (t) => {
    const hosts = connectHosts(name, { relay, client });
    if (hosts === undefined) return t.skip('needs root and ip netns');
    await buildPage(PROJECT_DIR, process.execPath);
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
      await ada.getByText('2 people verified').waitFor();
    } finally {
      await browser?.close();
      await serve.stop();
      hosts.remove();
    }
  });

/** What a browser says of an HTTPS server on 127.0.0.1 whose authority was made for `permittedAddress` alone. */
const opens = async (permittedAddress: string, isTrusted: boolean): Promise<string> => {
  const at = { nowUnixMs: Date.now(), randomBytes: (size: number) => new Uint8Array(nodeRandomBytes(size)) };
  const base = permittedFor({ addresses: [], names: [] });
  const authority = await createAuthority({ ...base, ranges: [`${permittedAddress}/32`] }, at);
  const { certificate, key } = await issueHostCertificate(
    authority,
    { addresses: ['127.0.0.1'], names: [] },
    at,
  );
  const server = createServer({ cert: certificate, key }, (_, response) => response.end('opened'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const browser = await launchTrusting({ root: isTrusted ? authority.certificate : undefined });
  try {
    const { port } = server.address() as AddressInfo;
    const page = await openPage(browser, `https://127.0.0.1:${port}/`);
    return (await page.textContent('body')) ?? '';
  } catch (error) {
    return String(error);
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
};

test('a browser opens what its root may vouch for, and nothing else', LIMITS, async () => {
  assert.equal(await opens('127.0.0.1', true), 'opened');
  assert.match(await opens('127.0.0.1', false), /ERR_CERT_AUTHORITY_INVALID/);
  assert.match(
    await opens('127.0.0.2', true),
    /ERR_CERT_INVALID|ERR_CERT_AUTHORITY_INVALID|ERR_CERT_NAME_CONSTRAINT/,
  );
});
