import assert from 'node:assert/strict';
import { createCipheriv, createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { concatBytes, fromHex, toHex } from '../../../src/base/bytes.ts';
import { nodeDriver } from '../../../src/e2ee/sframe/node.ts';
import { formAad, formNonce, ReusedInputs } from '../../../src/e2ee/sframe/steps.ts';
import { SUITES } from '../../../src/e2ee/sframe/suites.ts';
import { encodeHeader, MAX_UINT64, shapeHeader } from '../../../src/framing/sframe-header.ts';

const uint64 = fc.oneof(
  fc.bigInt({ min: 0n, max: MAX_UINT64 }),
  fc.integer({ min: 0, max: 63 }).map((bit) => 1n << BigInt(bit)),
);
const salt = fc.uint8Array({ minLength: 12, maxLength: 12 });

/** As RFC 9605 section 4.4.3 says it, in arithmetic: slow, and readable. */
const readableNonce = (salt: Uint8Array, ctr: bigint): string =>
  (BigInt(`0x${toHex(salt)}`) ^ ctr).toString(16).padStart(24, '0');

test('a nonce is the salt XOR all 64 bits of the counter', () => {
  fc.assert(
    fc.property(salt, uint64, (salt, ctr) => {
      assert.equal(toHex(formNonce(salt, ctr)), readableNonce(salt, ctr));
    }),
  );
});

test('memory that is used again holds what fresh memory would', () => {
  const frame = fc.tuple(uint64, uint64, fc.uint8Array({ maxLength: 20 }));
  fc.assert(
    fc.property(salt, fc.array(frame), (salt, frames) => {
      const inputs = new ReusedInputs(salt);
      for (const [kid, ctr, metadata] of frames) {
        assert.deepEqual(inputs.nonce(ctr), formNonce(salt, ctr));
        assert.deepEqual(
          inputs.aad(shapeHeader(kid, ctr), metadata),
          formAad(encodeHeader(kid, ctr), metadata),
        );
      }
    }),
  );
});

test('suites 1 to 3 authenticate three lengths, nonce, AAD and ciphertext', () => {
  const key = new Uint8Array(48).map((_, i) => i);
  const nonce = new Uint8Array(12).fill(9);
  const [aad, plaintext] = [Uint8Array.of(1, 2, 3), new Uint8Array(40).fill(5)];
  for (const id of [1, 2, 3] as const) {
    const { tagBytes } = SUITES[id];
    const out = new Uint8Array(plaintext.length + tagBytes);
    nodeDriver.aead(SUITES[id], key).seal(nonce, aad, plaintext, out, 0);

    const counter = concatBytes(nonce, new Uint8Array(4));
    const ciphertext = createCipheriv('aes-128-ctr', key.subarray(0, 16), counter).update(plaintext);
    const lengths = fromHex(`${'0'.repeat(15)}3${'0'.repeat(14)}28${'0'.repeat(15)}${tagBytes.toString(16)}`);
    const mac = createHmac('sha256', key.subarray(16)).update(lengths ?? assert.fail());
    const tag = mac.update(nonce).update(aad).update(ciphertext).digest().subarray(0, tagBytes);
    assert.equal(toHex(out), toHex(concatBytes(ciphertext, tag)));
  }
});
