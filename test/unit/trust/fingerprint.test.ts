import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { FINGERPRINT_WORD_BITS, hexOf, wordsOf } from '../../../src/trust/hosts/fingerprint.ts';
import { WORDS } from '../../../src/trust/hosts/words.ts';

const isOneLetterApart = (a: string, b: string): boolean => {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (long.length - short.length > 1) return false;
  const at = [...short].findIndex((letter, i) => letter !== long[i]);
  const from = at === -1 ? short.length : at;
  return short.slice(from + (long.length === short.length ? 1 : 0)) === long.slice(from + 1);
};

test('256 words, none like another, in an order that will not change', () => {
  assert.equal(new Set(WORDS).size, 256);
  assert.deepEqual(WORDS, WORDS.toSorted());
  for (const word of WORDS) assert.match(word, /^[a-z]{3,9}$/);
  const alike = WORDS.flatMap((a) =>
    WORDS.filter((b) => a < b && (isOneLetterApart(a, b) || b.startsWith(a))).map((b) => `${a} ${b}`),
  );
  assert.deepEqual(alike, []);
  const digest = createHash('sha256').update(WORDS.join(' ')).digest('hex');
  assert.equal(
    digest,
    'cf10cf59ca131940f0ee840252ef28b0b3e682b6e4138649767c6a95863cb928',
    'whoever wrote a fingerprint down compares it with these words',
  );
});

test('a fingerprint has one text in words and one in digits', () => {
  const sha256 = Uint8Array.from({ length: 32 }, (_, i) => i * 8 + 1);
  assert.equal(
    wordsOf(sha256),
    'actor apron badge beach · bonfire cactus castle chimney · cobalt cradle desert eagle',
  );
  assert.match(hexOf(sha256), /^01:09:11:19:(?:[0-9A-F]{2}:){27}F9$/);
  assert.equal(FINGERPRINT_WORD_BITS, wordsOf(sha256).replaceAll(' · ', ' ').split(' ').length * 8);
});

test('each of the bits that the words stand for changes them, and no other does', () => {
  const plain = new Uint8Array(32);
  for (let bit = 0; bit < 256; bit++) {
    const changed = plain.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
    assert.equal(wordsOf(changed) !== wordsOf(plain), bit < FINGERPRINT_WORD_BITS, `bit ${bit}`);
  }
});
