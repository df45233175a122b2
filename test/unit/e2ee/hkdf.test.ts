import assert from 'node:assert/strict';
import { hkdfSync } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { hkdfExpand, hkdfExtract } from '../../../src/e2ee/sframe/hkdf.ts';
import { nobleDriver } from '../../../src/e2ee/sframe/noble.ts';
import { nodeDriver } from '../../../src/e2ee/sframe/node.ts';
import { webDriver } from '../../../src/e2ee/sframe/web.ts';

const web = webDriver(globalThis.crypto.subtle);
const bytes = fc.uint8Array({ maxLength: 100 });
const hash = fc.constantFrom('sha256', 'sha512');
const size = fc.integer({ min: 1, max: 200 });

test('every driver derives what OpenSSL derives', async () => {
  await fc.assert(
    fc.asyncProperty(hash, bytes, bytes, bytes, size, async (hash, keyMaterial, salt, info, size) => {
      const expected = new Uint8Array(hkdfSync(hash, keyMaterial, salt, info, size));
      for (const driver of [nodeDriver, nobleDriver]) {
        const secret = hkdfExtract(driver, hash, salt, keyMaterial);
        assert.deepEqual(hkdfExpand(driver, hash, secret, info, size), expected, driver.name);
      }
      assert.deepEqual(await web.hkdf(hash, keyMaterial, salt, info, size), expected);
    }),
  );
});
