import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asId, type ParticipantId } from '../../../../src/base/ids.ts';
import { epochFacts } from '../../../../src/client/page/epoch.ts';
import { reduce, type StoreEvent } from '../../../../src/client/store/reduce.ts';
import { INITIAL_STATE, MAX_EPOCHS_SHOWN } from '../../../../src/client/store/state.ts';

const named = (name: string) => ({ participant: asId<ParticipantId>(name), number: 1, name });
const SELF = named('Me');
const epoch = (number: bigint, joined: readonly string[], left: readonly string[]): StoreEvent => ({
  kind: 'epoch',
  epoch: {
    number,
    code: { digits: `${number}`.padStart(20, '0'), words: ['one', 'two'] },
    joined: joined.map(named),
    left: left.map(named),
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
    mayBeCutOff: false,
    suite: undefined,
  });
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
