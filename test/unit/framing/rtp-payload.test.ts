import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rtpPayload } from '../../../src/framing/rtp-payload.ts';
import { rtpPacket } from '../../support/rtp-bytes.ts';

test('the payload is what stands between header, CSRCs, extension and padding', () => {
  const shape = fc.record(
    {
      payload: fc.uint8Array({ maxLength: 40 }),
      csrcs: fc.integer({ min: 0, max: 15 }),
      extensionWords: fc.integer({ min: 0, max: 300 }),
      padding: fc.integer({ min: 0, max: 255 }),
    },
    { requiredKeys: ['payload'] },
  );
  fc.assert(
    fc.property(shape, (packet) => {
      assert.deepEqual(rtpPayload(rtpPacket(packet)), packet.payload);
    }),
  );
});

test('any bytes are read without going beyond them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const payload = rtpPayload(bytes);
      assert.ok(payload === undefined || payload.byteOffset + payload.length <= bytes.length);
    }),
    { numRuns: 2000 },
  );
});

const payload = Uint8Array.of(1, 2, 3);

test('every cut of the headers is refused', () => {
  const whole = rtpPacket({ payload: new Uint8Array(0), csrcs: 2, extensionWords: 3 });
  for (let length = 0; length < whole.length; length++) {
    assert.equal(rtpPayload(whole.subarray(0, length)), undefined, `${length} bytes`);
  }
  assert.equal(rtpPayload(whole)?.length, 0);
});

test('another version, and padding that counts nothing or too much, are refused', () => {
  const version1 = rtpPacket({ payload });
  version1[0] = 0x40;
  assert.equal(rtpPayload(version1), undefined);
  const padded = rtpPacket({ payload, padding: 4 });
  padded[padded.length - 1] = 0;
  assert.equal(rtpPayload(padded), undefined);
  padded[padded.length - 1] = 8;
  assert.equal(rtpPayload(padded), undefined);
  padded[padded.length - 1] = 7;
  assert.equal(rtpPayload(padded)?.length, 0);
});
