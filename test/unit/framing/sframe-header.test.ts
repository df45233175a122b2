import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concatBytes, fromHex, toHex } from '../../../src/base/bytes.ts';
import { encodeHeader, MAX_UINT64, parseHeader } from '../../../src/framing/sframe-header.ts';

const bytes = (hex: string) => fromHex(hex) ?? assert.fail(hex);
const codeOf = (hex: string) => {
  const parsed = parseHeader(bytes(hex));
  return parsed.ok ? 'ok' : parsed.refusal.code;
};

/** Values around every change of length, and any other. */
const uint64 = fc.oneof(
  fc.bigInt({ min: 0n, max: MAX_UINT64 }),
  fc.integer({ min: 0, max: 63 }).map((bit) => 1n << BigInt(bit)),
  fc.integer({ min: 1, max: 64 }).map((bit) => (1n << BigInt(bit)) - 1n),
);

test('a header has its shortest form', () => {
  assert.equal(toHex(encodeHeader(0n, 0n)), '00');
  assert.equal(toHex(encodeHeader(7n, 7n)), '77');
  assert.equal(toHex(encodeHeader(8n, 8n)), '880808');
  assert.equal(toHex(encodeHeader(0x123n, 0x4567n)), '9901234567');
  assert.equal(toHex(encodeHeader(MAX_UINT64, MAX_UINT64)), `ff${'ff'.repeat(16)}`);
});

test('what was encoded is parsed, wherever it stands and whatever follows', () => {
  fc.assert(
    fc.property(
      uint64,
      uint64,
      fc.uint8Array({ maxLength: 12 }),
      fc.uint8Array(),
      (kid, ctr, before, rest) => {
        const header = encodeHeader(kid, ctr);
        const parsed = parseHeader(concatBytes(before, header, rest), before.length);
        assert.deepEqual(parsed, { ok: true, value: { kid, ctr, length: header.length } });
      },
    ),
  );
});

test('whatever parses is what encoding its values gives: no two headers mean the same', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), (input) => {
      const parsed = parseHeader(input);
      if (!parsed.ok) return;
      const { kid, ctr, length } = parsed.value;
      assert.deepEqual(encodeHeader(kid, ctr), input.slice(0, length));
    }),
    { numRuns: 2000 },
  );
});

test('every cut is refused as truncated', () => {
  const header = encodeHeader(MAX_UINT64, MAX_UINT64);
  for (let length = 0; length < header.length; length++) {
    const parsed = parseHeader(header.subarray(0, length));
    assert.equal(parsed.ok ? 'ok' : parsed.refusal.code, 'sframe.header-truncated', `${length} bytes`);
  }
});

test('longer forms of a value are refused', () => {
  assert.equal(codeOf('8007'), 'sframe.header-not-minimal');
  assert.equal(codeOf('0807'), 'sframe.header-not-minimal');
  assert.equal(codeOf('0900ff'), 'sframe.header-not-minimal');
  assert.equal(codeOf('90001200'), 'sframe.header-not-minimal');
  assert.equal(codeOf('0808'), 'ok');
  assert.equal(codeOf('090100'), 'ok');
});
