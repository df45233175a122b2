import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fromBase64Url, fromHex, toBase64Url, toHex } from '../../../src/base/bytes.ts';

const ALL = Uint8Array.from({ length: 256 }, (_, byte) => byte);

describe('base64url', () => {
  it('gives back what it took, of every length and byte', () => {
    for (let length = 0; length <= ALL.length; length++) {
      const bytes = ALL.subarray(ALL.length - length);
      const text = toBase64Url(bytes);
      assert.equal(text, Buffer.from(bytes).toString('base64url'));
      assert.deepEqual(fromBase64Url(text), new Uint8Array(bytes));
    }
  });

  it('takes one text for the same bytes only', () => {
    const alphabet = [...toBase64Url(ALL)].filter((char, i, all) => all.indexOf(char) === i);
    assert.equal(alphabet.length, 64);
    for (const char of alphabet)
      for (const start of ['A', 'AA', 'AAAAA', 'AAAAAA']) {
        const text = start + char;
        const isCanonical = Buffer.from(text, 'base64url').toString('base64url') === text;
        assert.equal(fromBase64Url(text) !== undefined, isCanonical, text);
      }
  });

  it('refuses padding, other alphabets, other characters, and a length that no bytes have', () => {
    for (const text of ['AA==', 'AAA=', '++++', '////', 'A A A', 'AAAA\n', 'ÄAAA', 'A', 'AAAAA'])
      assert.equal(fromBase64Url(text), undefined, text);
  });
});

it('hexadecimal digits give back what they took', () => {
  assert.equal(toHex(ALL), Buffer.from(ALL).toString('hex'));
  assert.deepEqual(fromHex(toHex(ALL)), ALL);
});
