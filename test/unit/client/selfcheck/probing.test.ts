import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Bytes } from '../../../../src/base/bytes.ts';
import { ProbedKeys } from '../../../../src/client/selfcheck/probed-keys.ts';
import type { FrameKeys } from '../../../../src/e2ee/frame-keys.ts';
import { createFrameKeys } from '../../../../src/e2ee/keys/store.ts';
import { senderNumberOf } from '../../../../src/e2ee/mls/kid.ts';
import type { Aead, SyncDriver } from '../../../../src/e2ee/sframe/driver.ts';
import { nodeDriver } from '../../../../src/e2ee/sframe/node.ts';
import type { FrameCodec } from '../../../../src/framing/clear.ts';

const BASE_KEY = new Uint8Array(32).fill(7);
const PLAINTEXT = 'the plaintext stands in it';
const WRONG_KEY = 'another key does not refuse it as not authentic';
const changed = (place: string) => `it opens with a changed bit in its ${place}`;
const NOT_OPENED = 'the right key does not open it to what was sealed';

/** The real driver with its cipher broken in one way. */
const broken = (breakIt: (real: Aead, tagBytes: number) => Partial<Aead>): SyncDriver => ({
  ...nodeDriver,
  aead: (suite, key) => {
    const real = nodeDriver.aead(suite, key);
    return { ...real, ...breakIt(real, suite.tagBytes) };
  },
});
/** Deltas are odd in their first byte (RFC 6386 section 9.1). */
const vp8 = (size: number, keyFrame: boolean): Bytes =>
  Uint8Array.from({ length: size }, (_, i) => (i === 0 ? Number(!keyFrame) : i * 7));

const probing = (driver: SyncDriver, codec: FrameCodec = 'vp8') => {
  const keys = new ProbedKeys(() => createFrameKeys({ driver }));
  assert(keys.useOwnKey(5, BASE_KEY).ok);
  const context = keys.newSealingContext(codec === 'opus' ? 'microphone' : 'camera', codec);
  assert(context.ok);
  return { keys, seal: (frame: Bytes, keyFrame = false) => context.value.seal(frame, keyFrame) };
};
const faultsOf = (driver: SyncDriver, frame: Bytes) => {
  const { keys, seal } = probing(driver);
  assert(seal(frame).ok);
  return Object.keys(keys.findings.faults).sort();
};

describe('looking at sealed frames', () => {
  it('finds nothing in real sealing, whatever the size: key, delta, sound, and no payload at all', () => {
    for (const frame of [vp8(400, true), vp8(10, true), vp8(60, false), vp8(12, false), vp8(1, false)])
      assert.deepEqual(faultsOf(nodeDriver, frame), []);
    const { keys, seal } = probing(nodeDriver, 'opus');
    assert(seal(vp8(80, false), true).ok);
    assert.deepEqual(keys.findings, { looked: 1, faults: {} });
  });

  it('looks at one of 25 frames and at each key frame of video, not at each of a sound', () => {
    const video = probing(nodeDriver);
    for (let i = 0; i < 51; i++) video.seal(vp8(40, i === 10), i === 10);
    assert.equal(video.keys.findings.looked, 4);
    const sound = probing(nodeDriver, 'opus');
    for (let i = 0; i < 51; i++) sound.seal(vp8(40, false), true);
    assert.equal(sound.keys.findings.looked, 3);
  });

  it('passes on what was sealed and lets nothing be opened that the store itself does not', () => {
    const { keys, seal } = probing(nodeDriver);
    const sealed = seal(vp8(40, false));
    assert(sealed.ok);
    const expected = { number: 5, source: 'camera', codec: 'vp8' } as const;
    assert.equal(keys.open(sealed.value.wire, expected).ok, false);
    assert(keys.addSender(5, BASE_KEY).ok);
    assert.equal(keys.open(sealed.value.wire, expected).ok, true);
  });

  it('keeps no opener of an epoch that is forgotten', () => {
    const stores: FrameKeys[] = [];
    const keys = new ProbedKeys(() => {
      const store = createFrameKeys({ driver: nodeDriver });
      stores.push(store);
      return store;
    });
    keys.openUnder(3n, BASE_KEY, new Map());
    keys.sealUnder(3n, 2);
    const context = keys.newSealingContext('microphone', 'opus');
    assert(context.ok);
    const first = context.value.seal(vp8(40, false), true);
    const second = context.value.seal(vp8(40, false), true);
    assert(first.ok && second.ok);
    assert.deepEqual(keys.findings, { looked: 1, faults: {} });
    const stream = { number: senderNumberOf(2, 3n), source: 'microphone', codec: 'opus' } as const;
    const openers = () => stores.filter((store) => store.open(second.value.wire, stream).ok).length;
    keys.forget(3n);
    assert.equal(openers(), 0);
  });

  it('finds a cipher that copies and checks no tag', () => {
    const copying = broken((_, tagBytes) => ({
      seal: (_nonce, _aad, plaintext, out, at) => out.set(plaintext, at),
      open: (_nonce, _aad, sealed) => sealed.slice(0, sealed.length - tagBytes),
    }));
    assert.deepEqual(faultsOf(copying, vp8(60, false)), [WRONG_KEY, changed('clear bytes'), PLAINTEXT]);
  });

  it('finds plaintext even where the tag is right', () => {
    const copying = broken((real) => ({
      seal(nonce, aad, plaintext, out, at) {
        real.seal(nonce, aad, plaintext, out, at);
        out.set(plaintext, at);
      },
    }));
    assert(faultsOf(copying, vp8(60, true)).includes(PLAINTEXT));
    assert(!faultsOf(copying, vp8(25, true)).includes(PLAINTEXT), 'too short to tell');
  });

  it('finds clear bytes that are not authenticated', () => {
    const nothing = new Uint8Array(0);
    const careless = broken((real) => ({
      seal: (nonce, _aad, plaintext, out, at) => real.seal(nonce, nothing, plaintext, out, at),
      open: (nonce, _aad, sealed) => real.open(nonce, nothing, sealed),
    }));
    assert.deepEqual(faultsOf(careless, vp8(60, false)), [changed('clear bytes')]);
  });

  for (const [place, at] of [
    ['ciphertext', (length: number, tagBytes: number) => (length - tagBytes) >> 1],
    ['tag', (length: number) => length - 1],
  ] as const)
    it(`finds a ${place} that is not authenticated`, () => {
      /** Puts the bit right again before it is checked: as if nobody looked there. */
      const careless = broken((real, tagBytes) => ({
        open(nonce, aad, sealed) {
          const other = sealed.slice();
          const i = at(sealed.length, tagBytes);
          other[i] = (other[i] ?? 0) ^ 0x80;
          return real.open(nonce, aad, sealed) ?? real.open(nonce, aad, other);
        },
      }));
      assert.deepEqual(faultsOf(careless, vp8(60, false)), [changed(place)]);
    });

  it('finds frames that do not open', () => {
    const shut = broken(() => ({ open: () => undefined }));
    assert.deepEqual(faultsOf(shut, vp8(60, false)), [NOT_OPENED]);
  });
});
