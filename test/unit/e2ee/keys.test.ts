import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFrameKeys } from '../../../src/e2ee/keys/store.ts';
import { nobleDriver } from '../../../src/e2ee/sframe/noble.ts';
import { nodeDriver } from '../../../src/e2ee/sframe/node.ts';
import type { SuiteId } from '../../../src/e2ee/sframe/suites.ts';

const NUMBER = 77;
const baseKey = new Uint8Array(32).fill(1);
const frame = Uint8Array.of(1, 2, 3);

test('a seal that fails on the way does not give its counter again', () => {
  let failing = false;
  const driver: typeof nodeDriver = {
    ...nodeDriver,
    aead: (suite, key) => {
      const aead = nodeDriver.aead(suite, key);
      return {
        ...aead,
        seal: (...frame) => (failing ? assert.fail('out of memory') : aead.seal(...frame)),
      };
    },
  };
  const sender = createFrameKeys({ driver });
  assert.ok(sender.useOwnKey(NUMBER, baseKey).ok);
  const context = sender.newSealingContext('microphone', 'opus');
  assert.ok(context.ok);
  const nextCtr = () => {
    const sealed = context.value.seal(frame, false);
    return sealed.ok ? sealed.value.ctr : assert.fail(sealed.refusal.code);
  };
  assert.equal(nextCtr(), 0n);
  failing = true;
  assert.throws(nextCtr, /out of memory/);
  failing = false;
  assert.equal(nextCtr(), 2n);
});

test('stores over different drivers open each other, under every suite', () => {
  const suites: readonly SuiteId[] = [1, 2, 3, 4, 5];
  for (const suite of suites) {
    for (const [from, to] of [
      [nodeDriver, nobleDriver],
      [nobleDriver, nodeDriver],
    ] as const) {
      const sender = createFrameKeys({ driver: from, suite });
      const receiver = createFrameKeys({ driver: to, suite });
      assert.ok(sender.useOwnKey(NUMBER, baseKey).ok);
      assert.ok(receiver.addSender(NUMBER, baseKey).ok);
      const context = sender.newSealingContext('camera', 'vp9');
      assert.ok(context.ok);
      const sealed = context.value.seal(frame, true);
      assert.ok(sealed.ok);
      const opened = receiver.open(sealed.value.wire, { number: NUMBER, source: 'camera', codec: 'vp9' });
      assert.deepEqual(opened.ok && opened.value.frame, frame);
    }
  }
});

/** Counts derivations: each asks for one HMAC under an empty key, HKDF-Extract's salt. */
test('a key is derived once per stream, not per frame', () => {
  let derivations = 0;
  const driver: typeof nodeDriver = {
    ...nodeDriver,
    hmac: (hash, key, ...parts) => {
      if (key.length === 0) derivations += 1;
      return nodeDriver.hmac(hash, key, ...parts);
    },
  };
  const [sender, receiver] = [createFrameKeys({ driver }), createFrameKeys({ driver })];
  assert.ok(sender.useOwnKey(NUMBER, baseKey).ok);
  assert.ok(receiver.addSender(NUMBER, baseKey).ok);
  const context = sender.newSealingContext('microphone', 'opus');
  assert.ok(context.ok);
  const wires = Array.from({ length: 10 }, () => {
    const sealed = context.value.seal(frame, false);
    return sealed.ok ? sealed.value.wire : assert.fail();
  });
  assert.equal(derivations, 1);
  const expected = { number: NUMBER, source: 'microphone', codec: 'opus' } as const;
  for (const wire of wires) assert.ok(receiver.open(wire, expected).ok);
  assert.equal(derivations, 2);
});
