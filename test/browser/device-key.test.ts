import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { enroll, sign } from '../../src/app/people/enrolment.ts';
import { toBase64Url } from '../../src/base/bytes.ts';
import { asId, type MeetingId } from '../../src/base/ids.ts';
import { POSSESSION, type Possession } from '../../src/trust/devices/possession.ts';
import { DAY_MS } from '../../src/trust/hosts/validity.ts';
import { judgeDeviceCertificate } from '../../src/trust/signing/people-certificate.ts';
import { openStatement } from '../../src/trust/signing/statement.ts';
import { granted, NOW, person } from '../support/people.ts';
import { inFolder, newPeople, newPeopleFolder } from '../support/people-folder.ts';
import { hasChromium, NO_CHROMIUM } from './chromium.ts';
import { type DeviceSite, openDeviceSite } from './device-site.ts';
import './device/api.ts';

describe("a device's key in Chromium", { skip: !hasChromium() && NO_CHROMIUM }, () => {
  let site: DeviceSite;
  let page: Page;

  before(async () => {
    site = await openDeviceSite();
    ({ page } = site);
    await page.evaluate(() => window.device.makeKey());
  });
  after(() => site?.close());

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
