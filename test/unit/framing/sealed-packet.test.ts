import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concatBytes } from '../../../src/base/bytes.ts';
import { FRAME_CODECS } from '../../../src/framing/clear.ts';
import { readSealedPacket } from '../../../src/framing/sealed-packet.ts';
import { encodeHeader } from '../../../src/framing/sframe-header.ts';
import { rtpPacket } from '../../support/rtp-bytes.ts';

const kid = (9n << 20n) | 77n;
const header = encodeHeader(kid, 1000n);
const sealed = new Uint8Array(40).fill(0xee);
const start = { kind: 'frame-start', kid, ctr: 1000n };
const packetOf = (...parts: readonly Uint8Array[]) =>
  rtpPacket({ payload: concatBytes(...parts), extensionWords: 2 });

const VP8_START = Uint8Array.of(0x90, 0x80, 0x0a);
const VP8_LATER = Uint8Array.of(0x80, 0x80, 0x0a);
const VP9_START = Uint8Array.of(0x88, 0x0a);
const VP9_LATER = Uint8Array.of(0x80, 0x0a);
const VP8_KEY = new Uint8Array(10);
const VP8_DELTA = Uint8Array.of(1);

test('the first packet of a sealed frame shows its key id and counter', () => {
  assert.deepEqual(readSealedPacket(packetOf(header, sealed), 'opus'), start);
  assert.deepEqual(readSealedPacket(packetOf(VP8_START, VP8_KEY, header, sealed), 'vp8'), start);
  assert.deepEqual(readSealedPacket(packetOf(VP8_START, VP8_DELTA, header, sealed), 'vp8'), start);
  assert.deepEqual(readSealedPacket(packetOf(VP9_START, header, sealed), 'vp9'), start);
});

test('later packets of a frame are continuations, whatever they hold', () => {
  assert.deepEqual(readSealedPacket(packetOf(VP8_LATER, sealed), 'vp8'), { kind: 'continuation' });
  assert.deepEqual(readSealedPacket(packetOf(VP9_LATER, sealed), 'vp9'), { kind: 'continuation' });
});

test('padding alone is empty', () => {
  for (const codec of FRAME_CODECS) {
    const probe = rtpPacket({ payload: new Uint8Array(0), padding: 255 });
    assert.deepEqual(readSealedPacket(probe, codec), { kind: 'empty' });
  }
});

test('what is not sealed says why', () => {
  const why = (packet: Uint8Array, codec: (typeof FRAME_CODECS)[number]) => {
    const read = readSealedPacket(packet, codec);
    return read.kind === 'not-sealed' ? read.why : read.kind;
  };
  assert.equal(why(new Uint8Array(11), 'opus'), 'rtp-malformed');
  assert.equal(why(packetOf(VP8_START.subarray(0, 2)), 'vp8'), 'descriptor-malformed');
  assert.equal(why(packetOf(VP8_START, VP8_KEY.subarray(1)), 'vp8'), 'too-short');
  assert.equal(why(packetOf(VP8_START), 'vp8'), 'too-short');
  assert.equal(why(packetOf(VP8_START, VP8_DELTA), 'vp8'), 'header-malformed');
  assert.equal(why(packetOf(VP9_START), 'vp9'), 'header-malformed');
  assert.equal(why(packetOf(Uint8Array.of(0x09, 0x00, 0xff), sealed), 'opus'), 'header-malformed');
});

test('any packet gets an answer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(...FRAME_CODECS), (bytes, codec) => {
      const rtp = Uint8Array.from(bytes, (byte, i) => (i === 0 ? 0x80 | (byte & 0x3f) : byte));
      assert.ok(readSealedPacket(rtp, codec).kind.length > 0);
    }),
    { numRuns: 2000 },
  );
});
