import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decryptFrame, deriveFrameKey, encryptFrame } from '../../../src/e2ee/sframe/frame.ts';
import {
  decryptFrameAsync,
  deriveFrameKeyAsync,
  encryptFrameAsync,
} from '../../../src/e2ee/sframe/frame-async.ts';
import { nobleDriver } from '../../../src/e2ee/sframe/noble.ts';
import { nodeDriver } from '../../../src/e2ee/sframe/node.ts';
import { DEFAULT_SUITE, SUITES } from '../../../src/e2ee/sframe/suites.ts';
import { webDriver } from '../../../src/e2ee/sframe/web.ts';
import { MAX_UINT64 } from '../../../src/framing/sframe-header.ts';

const web = webDriver(globalThis.crypto.subtle);
const uint64 = fc.bigInt({ min: 0n, max: MAX_UINT64 });
const sealing = fc.record({
  suite: fc.constantFrom(...Object.values(SUITES)),
  kid: uint64,
  ctr: uint64,
  baseKey: fc.uint8Array({ minLength: 16, maxLength: 64 }),
  metadata: fc.uint8Array({ maxLength: 40 }),
  plaintext: fc.uint8Array({ maxLength: 3000 }),
});

test('all drivers seal alike and open each other, for every suite', async () => {
  await fc.assert(
    fc.asyncProperty(sealing, async ({ suite, kid, ctr, baseKey, metadata, plaintext }) => {
      const key = deriveFrameKey(nodeDriver, suite, kid, baseKey);
      const portable = deriveFrameKey(nobleDriver, suite, kid, baseKey);
      const later = await deriveFrameKeyAsync(web, suite, kid, baseKey);

      const toSeal = { ctr, metadata, plaintext };
      const sealed = encryptFrame(key, toSeal);
      assert.deepEqual(encryptFrame(portable, toSeal), sealed);
      assert.deepEqual(await encryptFrameAsync(later, toSeal), sealed);

      const opened = { ok: true, value: { kid, ctr, plaintext } };
      assert.deepEqual(
        decryptFrame(() => key, metadata, sealed),
        opened,
      );
      assert.deepEqual(
        decryptFrame(() => portable, metadata, sealed),
        opened,
      );
      assert.deepEqual(await decryptFrameAsync(() => later, metadata, sealed), opened);
    }),
    { numRuns: 60 },
  );
});

for (const suite of Object.values(SUITES)) {
  test(`${suite.name}: a frame with any bit changed opens under no driver`, async () => {
    const kid = 300n;
    const metadata = Uint8Array.of(1, 2, 3);
    const key = deriveFrameKey(nodeDriver, suite, kid, new Uint8Array(32).fill(7));
    const portable = deriveFrameKey(nobleDriver, suite, kid, new Uint8Array(32).fill(7));
    const later = await deriveFrameKeyAsync(web, suite, kid, new Uint8Array(32).fill(7));
    const sealed = encryptFrame(key, { ctr: 5n, metadata, plaintext: Uint8Array.of(1, 2, 3, 4) });

    const refuseAll = async (frame: Uint8Array, metadata: Uint8Array, what: string) => {
      assert.equal(decryptFrame(() => key, metadata, frame).ok, false, `node ${what}`);
      assert.equal(decryptFrame(() => portable, metadata, frame).ok, false, `noble ${what}`);
      assert.equal((await decryptFrameAsync(() => later, metadata, frame)).ok, false, `webcrypto ${what}`);
    };
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = sealed.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await refuseAll(changed, metadata, `bit ${bit}`);
    }
    for (let length = 0; length < sealed.length; length++) {
      await refuseAll(sealed.subarray(0, length), metadata, `cut to ${length}`);
    }
    await refuseAll(sealed, Uint8Array.of(1, 2), 'other metadata');
  });
}

test('refusals say what is wrong', () => {
  const key = deriveFrameKey(nodeDriver, SUITES[DEFAULT_SUITE], 300n, new Uint8Array(32));
  const none = new Uint8Array(0);
  const codeOf = (frame: Uint8Array, knows = true) => {
    const opened = decryptFrame(() => (knows ? key : undefined), none, frame);
    return opened.ok ? 'ok' : opened.refusal.code;
  };
  const sealed = encryptFrame(key, { ctr: 0n, metadata: none, plaintext: none });
  assert.equal(codeOf(sealed), 'ok');
  assert.equal(codeOf(sealed, false), 'sframe.unknown-key');
  assert.equal(codeOf(sealed.subarray(0, sealed.length - 1)), 'sframe.not-authentic');
  assert.equal(codeOf(none), 'sframe.header-truncated');
  assert.equal(codeOf(Uint8Array.of(0x08, 0)), 'sframe.header-not-minimal');
});

test("room before the header is the caller's", () => {
  const key = deriveFrameKey(nodeDriver, SUITES[DEFAULT_SUITE], 1n, new Uint8Array(32));
  const toSeal = { ctr: 2n, metadata: Uint8Array.of(9), plaintext: Uint8Array.of(1, 2, 3) };
  const wire = encryptFrame(key, toSeal, 2);
  assert.deepEqual(wire.slice(2), encryptFrame(key, toSeal));
});
