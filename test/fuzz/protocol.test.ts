import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { utf8 } from '../../src/base/bytes.ts';
import { isCloseCode } from '../../src/signaling/protocol/codes.ts';
import { decode } from '../../src/signaling/protocol/decode.ts';
import { MAX_DEPTH, MAX_MESSAGE_BYTES, MAX_VALUES } from '../../src/signaling/protocol/limits.ts';
import { ackSchema, requestSchemas } from '../../src/signaling/protocol/messages.ts';
import { enterOf } from '../support/hollow-entry.ts';

/** `BELFRY_FUZZ_RUNS=1000000 node --test test/fuzz/protocol.test.ts` is the long form. */
const RUNS = Number(process.env.BELFRY_FUZZ_RUNS ?? 1_000);
const options = { numRuns: RUNS };

const SEEDS: readonly object[] = [
  { id: 1, kind: 'hello', version: 1, resume: { session: 's', secret: 'x', received: 0 } },
  { ...enterOf(1), meeting: 'm', ack: 1 },
  {
    id: 3,
    kind: 'produce',
    transport: 't',
    source: 'camera',
    paused: false,
    rtpParameters: {
      codecs: [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000, parameters: { a: 1, b: 'c' } }],
      headerExtensions: [{ uri: 'u', id: 1 }],
      encodings: [{ ssrc: 1, rtx: { ssrc: 2 } }],
      rtcp: { cname: 'c' },
    },
  },
  { kind: 'ack', ack: 1 },
];
const SCRAPS = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\\u0061',
  '"kind"',
  '"__proto__":',
  'null',
  '1e999',
  '-',
  '\ud800',
  '\0',
  'ÿ',
];

/** Everything that must hold of any verdict on any bytes. */
const judge = (bytes: Uint8Array, binary: boolean): void => {
  const decoded = decode(bytes, binary);
  if (!decoded.ok) {
    const { code, id, message } = decoded.refusal;
    assert.equal(isCloseCode(code), id === undefined, `${code} is answered if and only if it has an id`);
    assert.ok(message.length <= 500);
    return;
  }
  assert.ok(!binary && bytes.length <= MAX_MESSAGE_BYTES);
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  const { depth, values } = measure(JSON.parse(text));
  assert.ok(depth <= MAX_DEPTH && values <= MAX_VALUES);
  const schema = decoded.value.kind === 'ack' ? ackSchema : requestSchemas[decoded.value.kind];
  assert.ok(schema.safeParse(decoded.value).success, 'what was accepted fits its schema again');
};

const measure = (value: unknown): { depth: number; values: number } => {
  if (typeof value !== 'object' || value === null) return { depth: 0, values: 1 };
  const inner = Object.values(value).map(measure);
  return {
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
    values: 1 + (Array.isArray(value) ? 0 : inner.length) + inner.reduce((sum, one) => sum + one.values, 0),
  };
};

const seedText = fc.constantFrom(...SEEDS).map((seed) => JSON.stringify(seed));
const cutAndPaste = fc
  .tuple(seedText, fc.array(fc.tuple(fc.nat(400), fc.nat(12), fc.constantFrom(...SCRAPS, ''))))
  .map(([text, edits]) =>
    edits.reduce((now, [at, length, scrap]) => {
      const from = at % (now.length + 1);
      return now.slice(0, from) + scrap + now.slice(from + length);
    }, text),
  );
/** A seed with one of its values, at any depth, replaced by any JSON. */
const replaced = fc
  .tuple(fc.constantFrom(...SEEDS), fc.nat(60), fc.jsonValue({ maxDepth: 3 }))
  .map(([seed, nth, other]) => {
    let count = 0;
    return JSON.stringify(seed, (_, value) => (count++ === nth ? other : value));
  });

describe(`decode, ${RUNS} runs each`, () => {
  it('judges any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), judge), options);
  });

  it('judges any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => judge(utf8(text), false)),
      options,
    );
  });

  it('judges any JSON', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 20 }), (text) => judge(utf8(text), false)),
      options,
    );
  });

  it('judges honest messages that were cut and pasted', () => {
    fc.assert(
      fc.property(cutAndPaste, (text) => judge(utf8(text), false)),
      options,
    );
  });

  it('judges honest messages with one value replaced', () => {
    fc.assert(
      fc.property(replaced, (text) => judge(utf8(text ?? ''), false)),
      options,
    );
  });

  it('judges what is near its limits', () => {
    const size = fc.constantFrom(1, MAX_DEPTH - 1, MAX_DEPTH, MAX_VALUES - 2, MAX_VALUES, 65_000);
    const pattern = fc.constantFrom(
      ['[', ']'],
      ['{"a":', '}'],
      ['1,', ''],
      ['"a":1,', ''],
      ['\\u0061', ''],
      ['é', ''],
    );
    const any = fc.tuple(pattern, size, fc.constantFrom('', '[', '{', '{"id":1,"kind":"enter","meeting":"'));
    fc.assert(
      fc.property(any, ([[open = '', close = ''], times, head]) =>
        judge(utf8(head + open.repeat(times) + close.repeat(times)), false),
      ),
      { numRuns: Math.min(RUNS, 300) },
    );
  });
});
