import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_TYPED_TITLE, typedTitle } from '../../../../src/client/page/typed-title.ts';
import { titleText } from '../../../../src/trust/hall/title.ts';

const faultOf = (text: string) => {
  const typed = typedTitle(text);
  return typed.kind === 'fault' ? typed.fault : typed.kind;
};

test('a title is taken as the rule of titles has it, without the spaces around it', () => {
  assert.deepEqual(typedTitle('  Budget 2027 '), { kind: 'good', title: 'Budget 2027' });
  for (const text of ['', '   ']) assert.equal(faultOf(text), 'empty');
});

test('what fills the field is a title where each letter is a byte, and else is said to be too long', () => {
  const cases: Readonly<Record<string, string>> = { a: 'good', é: 'too-long', '€': 'too-long' };
  for (const [letter, expected] of Object.entries(cases)) {
    const text = letter.repeat(MAX_TYPED_TITLE);
    assert.equal(faultOf(text), expected, letter);
    assert.equal(titleText.safeParse(text).success, expected === 'good', letter);
  }
  assert.equal(faultOf('é'.repeat(MAX_TYPED_TITLE / 2)), 'good', 'the field cut none of it off');
  assert.equal(faultOf(`é${'a'.repeat(MAX_TYPED_TITLE - 1)}`), 'too-long', 'by one byte');
});

test('what cannot be shown as it is, is no title', () => {
  for (const text of ['Budget\u202e7202', 'a\u0007', '\ud800']) assert.equal(faultOf(text), 'unshowable');
});
