import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { scanJson } from '../../../src/base/json-scan.ts';

const LIMITS = { maxDepth: 4, maxValues: 10 };
const WIDE = { maxDepth: 1_000, maxValues: 1_000_000 };

describe('scanJson', () => {
  const CASES: readonly (readonly [string, string | undefined])[] = [
    ['{}', undefined],
    ['{"a":1,"b":{"a":1}}', undefined],
    ['[{"a":1},{"a":2}]', undefined],
    ['{"a":"a","b":["a","a"]}', undefined],
    ['{"a":1,"a":2}', 'duplicate-key'],
    ['{"a":1,"\\u0061":2}', 'duplicate-key'],
    ['{"":1,"":2}', 'duplicate-key'],
    ['[{"x":{"a":[],"a":1}}]', 'duplicate-key'],
    ['{"a":{"b":1},"a":1}', 'duplicate-key'],
    ['{"\\"":1,"\\\\":2,"\\u0022":3}', 'duplicate-key'],
    ['{"__proto__":1}', 'forbidden-key'],
    ['{"a":{"\\u005f_proto__":1}}', 'forbidden-key'],
    ['["__proto__"]', undefined],
    ['{"constructor":1,"prototype":2}', undefined],
    ['[[[[]]]]', undefined],
    ['[[[[[]]]]]', 'too-deep'],
    ['[[[[{"a":1}]]]]', 'too-deep'],
    ['"[[[[[[[["', undefined],
    ['[1,2,3,4,5,6,7,8,9]', undefined],
    ['[1,2,3,4,5,6,7,8,9,10]', 'too-many-values'],
    ['{"a":1,"b":2,"c":3,"d":4}', undefined],
    ['{"a":1,"b":2,"c":3,"d":4,"e":5}', 'too-many-values'],
    [']', 'not-json'],
    ['"unterminated', 'not-json'],
    ['{"\\x":1}', 'not-json'],
  ];
  for (const [text, verdict] of CASES)
    it(`says ${verdict ?? 'nothing'} of ${text}`, () => assert.equal(scanJson(text, LIMITS), verdict));

  it('finds nothing wrong with what JSON.stringify writes', () => {
    const value = fc.jsonValue({ maxDepth: 6 }).filter((it) => !JSON.stringify(it).includes('__proto__'));
    fc.assert(
      fc.property(value, fc.constantFrom(0, 1, '\t'), (one, indent) => {
        assert.equal(scanJson(JSON.stringify(one, null, indent), WIDE), undefined);
      }),
    );
  });

  it('counts depth and values as a walk over the parsed value does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (one) => {
        const text = JSON.stringify(one);
        fc.pre(!text.includes('__proto__'));
        const { depth, values } = measure(JSON.parse(text));
        assert.equal(scanJson(text, { maxDepth: depth, maxValues: values }), undefined);
        if (depth > 0) assert.equal(scanJson(text, { maxDepth: depth - 1, maxValues: values }), 'too-deep');
        assert.equal(scanJson(text, { maxDepth: depth, maxValues: values - 1 }), 'too-many-values');
      }),
    );
  });

  it('agrees with a slow reader of the grammar on which objects repeat a key', () => {
    fc.assert(
      fc.property(documents, ({ text, repeats }) => {
        assert.doesNotThrow(() => JSON.parse(text));
        assert.equal(scanJson(text, WIDE), repeats ? 'duplicate-key' : undefined);
      }),
    );
  });

  it('passes nothing that loses a key in JSON.parse, whatever the text', () => {
    const letters = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      'a',
      'b',
      '1',
      ' ',
      '\n',
      '"a"',
      '"b":',
      '\\u0061',
      'true',
    );
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 24 }), (parts) => {
        const text = parts.join('');
        const parsed = tryParse(text);
        if (parsed === undefined || scanJson(text, WIDE) !== undefined) return;
        assert.equal(measure(parsed).values, countTokens(text));
      }),
      { numRuns: 5_000 },
    );
  });

  it('takes time in proportion to a text that never ends', () => {
    for (const text of [
      `"${'a'.repeat(65_000)}`,
      `"${'\\"'.repeat(32_000)}`,
      '['.repeat(65_000),
      '{"a":'.repeat(13_000),
    ])
      assert.notEqual(scanJson(text, { maxDepth: 16, maxValues: 4_096 }), undefined);
  });
});

const measure = (value: unknown): { depth: number; values: number } => {
  if (typeof value !== 'object' || value === null) return { depth: 0, values: 1 };
  const inner = Object.values(value).map(measure);
  const keys = Array.isArray(value) ? 0 : inner.length;
  return {
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
    values: 1 + keys + inner.reduce((sum, one) => sum + one.values, 0),
  };
};

/** Strings, literals and opening brackets of valid JSON: what `measure` counts if no key was lost. */
const countTokens = (text: string): number =>
  (text.match(/"(?:[^"\\]|\\.)*"|[[{]|[^\s[\]{},:"]+/g) ?? []).length;

const tryParse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

interface Document {
  readonly text: string;
  readonly repeats: boolean;
}

/** Texts of JSON written by hand, with keys that are spelled in several ways, so that the truth is known. */
const { documents } = fc.letrec<{ documents: Document }>((tie) => {
  const key = fc.constantFrom(
    ['a', '"a"'],
    ['a', '"\\u0061"'],
    ['b', '"b"'],
    ['\n', '"\\n"'],
    ['\n', '"\\u000a"'],
    ['c', '"c"'],
  );
  const gap = fc.constantFrom('', ' ', '\n\t');
  const scalar = fc
    .constantFrom('1', 'true', 'null', '"a"', '"\\"{[,:"', '-1.5e3')
    .map((text) => ({ text, repeats: false }));
  const list = fc.tuple(fc.array(tie('documents'), { maxLength: 3 }), gap).map(([items, space]) => ({
    text: `[${items.map(({ text }) => text).join(`${space},`)}${space}]`,
    repeats: items.some(({ repeats }) => repeats),
  }));
  const object = fc
    .tuple(fc.array(fc.tuple(key, tie('documents')), { maxLength: 3 }), gap)
    .map(([entries, space]) => ({
      text: `{${entries.map(([[, written], { text }]) => `${space}${written}${space}:${text}`).join(',')}}`,
      repeats:
        new Set(entries.map(([[name]]) => name)).size < entries.length ||
        entries.some(([, { repeats }]) => repeats),
    }));
  return { documents: fc.oneof({ maxDepth: 4, withCrossShrink: true }, scalar, list, object) };
});
