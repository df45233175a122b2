/** A group's worker in Chromium, in one group with a member in Node: two cryptographies, and a key that cannot be taken out. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { mlsAgreement } from '../../src/e2ee/mls/agreement.ts';
import { nodeMlsCrypto } from '../../src/e2ee/mls/crypto/node.ts';
import { deviceSigner, verifyDevice } from '../../src/e2ee/mls/device-signatures.ts';
import type { Group } from '../../src/e2ee/mls/port.ts';
import { type MlsSuite, SUITE_NAMES } from '../../src/e2ee/mls/suites.ts';
import { keysOf, newKeyPair } from '../../src/trust/signing/keys.ts';
import { accepted, anybody, contextOf } from '../support/mls-device.ts';
import { hasChromium, NO_CHROMIUM } from './chromium.ts';
import { type DeviceSite, openDeviceSite } from './device-site.ts';
import './device/api.ts';

const OF_PAGE = ['device of the page', 'salt of the page'].map((text) => toHex(utf8(text)));

const founderOf = async (suite: MlsSuite) => {
  const { signing, publicKey } = await keysOf(await newKeyPair(false));
  return mlsAgreement({
    suite,
    certificates: [utf8('device in Node'), utf8('its salt')],
    signer: deviceSigner(signing.privateKey, publicKey),
    verify: verifyDevice,
    crypto: nodeMlsCrypto,
    clock: { unixMs: Date.now },
  });
};

const seenBy = async (group: Group) => ({
  digits: accepted(await group.epochCode()).digits,
  baseKey: toHex(accepted(await group.baseKey(32))),
  members: group.members().map(({ certificates: [first = new Uint8Array()] }) => toHex(first)),
});

describe("a group's worker in Chromium", { skip: !hasChromium() && NO_CHROMIUM, timeout: 120_000 }, () => {
  let site: DeviceSite;

  before(async () => {
    site = await openDeviceSite();
    await site.page.evaluate(() => window.device.makeKey());
  });
  after(() => site?.close());

  for (const suite of Object.keys(SUITE_NAMES) as MlsSuite[])
    it(`is in one epoch with a member in Node: ${suite}`, async () => {
      const { page } = site;
      const context = contextOf(suite);
      const group = accepted(await (await founderOf(suite)).create(context));
      const hex = await page.evaluate(([which, chain]) => window.device.enterGroup(which, chain), [
        suite,
        OF_PAGE,
      ] as const);
      const add = [new Uint8Array(Buffer.from(hex, 'hex'))];
      const commit = accepted(await group.commit({ add }, anybody));
      accepted(await group.adopt(commit));
      const [welcome = new Uint8Array()] = commit.welcomes;
      const joined = await page.evaluate(
        ([first, second, bound]) => window.device.joinGroup(first, second, bound),
        [
          toHex(welcome),
          toHex(commit.tree),
          { ...context, charterHash: toHex(context.charterHash) },
        ] as const,
      );
      assert.deepEqual(joined, await seenBy(group));
      assert.ok(joined.members.includes(OF_PAGE[0] ?? ''));

      const renewed = accepted(await group.commit({}, anybody));
      accepted(await group.adopt(renewed));
      const followed = await page.evaluate((text) => window.device.followGroup(text), toHex(renewed.message));
      assert.deepEqual(followed, await seenBy(group));
      assert.notEqual(followed.baseKey, joined.baseKey);
    });
});
