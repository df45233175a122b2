import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHex } from '../../../src/base/bytes.ts';
import type { Descriptor } from '../../../src/framing/descriptor.ts';
import { vp8Descriptor } from '../../../src/framing/vp8-descriptor.ts';
import { vp9Descriptor } from '../../../src/framing/vp9-descriptor.ts';

type Read = (payload: Uint8Array) => Descriptor | undefined;
/** What it is, its bytes, whether it starts a frame. Each stands alone, so its length is the descriptor's. */
type Row = readonly [string, string, boolean];

/** RFC 7741 section 4.2. */
const VP8: readonly Row[] = [
  ['one byte, start of partition 0', '10', true],
  ['non-reference frame', '30', true],
  ['later packet of partition 0', '00', false],
  ['start of partition 1', '11', false],
  ['extension without fields', '9000', true],
  ['7-bit picture id', '90800a', true],
  ['15-bit picture id', '9080800a', true],
  ['picture id and TL0PICIDX', '90c0800a05', true],
  ['TID', '902040', true],
  ['KEYIDX', '901001', true],
  ['TID and KEYIDX share a byte', '903041', true],
  ['all fields', '90f0800a0541', true],
  ['all fields, later packet', '80f0800a0541', false],
];

/** RFC 9628 section 4.2. */
const VP9: readonly Row[] = [
  ['nothing but the start', '08', true],
  ['later packet', '00', false],
  ['7-bit picture id', '880a', true],
  ['15-bit picture id', '88800a', true],
  ['layer indices, non-flexible', '28e005', true],
  ['layer indices, flexible', '38e0', true],
  ['one reference', '5802', true],
  ['three references', '58030302', true],
  ['a fourth cannot follow', '58030303', true],
  ['references of intra-predicted frames are absent', '18', true],
  ['structure without sizes', '0a40', true],
  ['structure with three sizes', '0a50'.concat('02800168'.repeat(3)), true],
  ['structure with an empty picture group', '0a0800', true],
  ['structure with a picture group', '0a08020401080102', true],
  ['all fields', 'baf001e01000000000', true],
];

for (const [codec, read, rows] of [
  ['VP8', vp8Descriptor, VP8],
  ['VP9', vp9Descriptor, VP9],
] as const satisfies readonly (readonly [string, Read, readonly Row[]])[]) {
  for (const [what, hex, startsFrame] of rows) {
    test(`${codec}: ${what}`, () => {
      const descriptor = fromHex(hex) ?? assert.fail(hex);
      const payload = new Uint8Array([...descriptor, 0xff, 0xff, 0xff, 0xff]);
      assert.deepEqual(read(payload), { startsFrame, length: descriptor.length });
      for (let length = 0; length < descriptor.length; length++) {
        assert.equal(read(payload.subarray(0, length)), undefined, `cut to ${length} bytes`);
      }
    });
  }

  test(`${codec}: any bytes give a descriptor within them, or none`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (payload) => {
        const descriptor = read(payload);
        assert.ok(descriptor === undefined || descriptor.length <= payload.length);
      }),
      { numRuns: 2000 },
    );
  });
}
