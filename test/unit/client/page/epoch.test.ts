import assert from 'node:assert/strict';
import { test } from 'node:test';
import { epochFacts } from '../../../../src/client/page/epoch.ts';
import { reduce, type StoreEvent } from '../../../../src/client/store/reduce.ts';
import { INITIAL_STATE, MAX_EPOCHS_SHOWN } from '../../../../src/client/store/state.ts';
import { verifiedOf } from '../../../support/hollow-entry.ts';

const SELF = verifiedOf('Me');
const epoch = (number: bigint, joined: readonly string[], left: readonly string[]): StoreEvent => ({
  kind: 'epoch',
  epoch: {
    number,
    code: { digits: `${number}`.padStart(20, '0'), words: ['one', 'two'] },
    joined: joined.map((name) => verifiedOf(name)),
    left: left.map((name) => verifiedOf(name)),
  },
});
const after = (...events: readonly StoreEvent[]) => events.reduce(reduce, INITIAL_STATE);

test('the code of the epoch is shown in groups, beside who came and went last', () => {
  assert.equal(epochFacts(INITIAL_STATE), undefined);
  const facts = epochFacts(after(epoch(1n, ['Ada'], []), epoch(2n, ['Ben'], ['Ada']), epoch(3n, [], [])));
  assert.deepEqual(facts, {
    number: '3',
    digits: '00000 00000 00000 00003',
    words: 'one two',
    joined: ['Ben'],
    left: ['Ada'],
    wasCompared: false,
    mayBeCutOff: false,
    suite: undefined,
  });
});

test('after one comparison all changes since are listed, as long as they are known', () => {
  const compared = epochFacts(after(epoch(1n, [], [])))?.digits.replaceAll(' ', '');
  const since = (...events: readonly StoreEvent[]) =>
    epochFacts(after(epoch(1n, [], []), ...events), compared);
  assert.deepEqual([since()?.wasCompared, since()?.joined], [true, []]);
  const facts = since(epoch(2n, ['Ben'], []), epoch(3n, ['Cy'], ['Ada']), epoch(4n, [], []));
  assert.deepEqual([facts?.wasCompared, facts?.joined, facts?.left], [true, ['Ben', 'Cy'], ['Ada']]);
  const many = Array.from({ length: MAX_EPOCHS_SHOWN }, (_, i) => epoch(BigInt(i + 2), [], []));
  assert.equal(since(...many)?.wasCompared, false);
  const rejoined = reduce(after(epoch(1n, [], [])), { kind: 'joined', self: SELF });
  assert.equal(epochFacts(reduce(rejoined, epoch(7n, ['Me'], [])), compared)?.wasCompared, false);
});

test('epochs are of one join, and not kept without end', () => {
  const many = Array.from({ length: 2 * MAX_EPOCHS_SHOWN }, (_, i) => epoch(BigInt(i), [], []));
  const state = after(...many, { kind: 'cut-off', mayBe: true });
  assert.equal(state.epochs.length, MAX_EPOCHS_SHOWN);
  assert.equal(state.epochs.at(-1)?.number, BigInt(2 * MAX_EPOCHS_SHOWN - 1));
  assert.equal(epochFacts(state)?.mayBeCutOff, true);
  const rejoined = reduce(state, { kind: 'joined', self: SELF });
  assert.deepEqual([rejoined.epochs, rejoined.mayBeCutOff], [[], false]);
});
