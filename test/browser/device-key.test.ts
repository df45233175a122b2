import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { enroll, sign } from '../../src/app/people/enrolment.ts';
import { toBase64Url } from '../../src/base/bytes.ts';
import { asId, type MeetingId } from '../../src/base/ids.ts';
import { POSSESSION, type Possession } from '../../src/trust/devices/possession.ts';
import { DAY_MS } from '../../src/trust/hosts/validity.ts';
import { judgeDeviceCertificate } from '../../src/trust/signing/people-certificate.ts';
import { openStatement } from '../../src/trust/signing/statement.ts';
import { granted, NOW, person } from '../support/people.ts';
import { inFolder, newPeople, newPeopleFolder } from '../support/people-folder.ts';
import { PROJECT_DIR } from '../support/source-tree.ts';
import { hasChromium, launchChromium, NO_CHROMIUM, type TestBrowser } from './chromium.ts';
import './device/api.ts';

const buildInto = (outDir: string) =>
  build({
    configFile: false,
    logLevel: 'error',
    root: join(PROJECT_DIR, 'test/browser/device'),
    build: { outDir, emptyOutDir: true, target: 'esnext', minify: false },
  });

const serve = async (folder: string): Promise<Server> => {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page');
    const name = pathname === '/' ? 'index.html' : pathname.slice(1);
    response.setHeader('content-type', name.endsWith('.js') ? 'text/javascript' : 'text/html');
    response.end(readFileSync(join(folder, name)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

describe("a device's key in Chromium", { skip: !hasChromium() && NO_CHROMIUM }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-device-'));
  let server: Server;
  let browser: TestBrowser;
  let page: Page;

  before(async () => {
    await buildInto(folder);
    server = await serve(folder);
    browser = await launchChromium();
    const { port } = server.address() as AddressInfo;
    ({ page } = await browser.openPage(`http://127.0.0.1:${port}/`));
    await page.evaluate(() => window.device.makeKey());
  });
  after(async () => {
    await browser?.close();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is certified, survives a reload, signs, and cannot be taken out', async () => {
    const authority = newPeopleFolder();
    const { root } = await newPeople(authority);
    const { code } = await enroll(inFolder(authority), person('alice'));
    const request = await page.evaluate((given) => window.device.request(given), code);
    const { certificate } = await sign(inFolder(authority), JSON.stringify(request));

    await page.reload();
    await page.waitForFunction(() => window.device !== undefined);
    const asked: Possession = {
      nonce: toBase64Url(new Uint8Array(32).fill(1)),
      connection: toBase64Url(new Uint8Array(32).fill(2)),
      meeting: asId<MeetingId>('meeting'),
      purpose: 'enter',
    };
    const proof = await page.evaluate((given) => window.device.prove(given), asked);
    const identity = granted(await judgeDeviceCertificate(certificate, root, NOW));
    assert.deepEqual(granted(await openStatement(POSSESSION, proof, identity.publicKey)).value, asked);
    assert.deepEqual(await page.evaluate(() => window.device.takeOut()), []);

    const judge = (nowUnixMs: number) =>
      page.evaluate(([pem, rootPem, now]) => window.device.judge(pem, rootPem, now), [
        certificate,
        root.pem,
        nowUnixMs,
      ] as const);
    assert.equal(await judge(NOW), 'ok');
    assert.equal(await judge(NOW + 40 * DAY_MS), 'certificate.expired');
  });
});
