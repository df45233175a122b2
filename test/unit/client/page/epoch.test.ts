import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type CodeReading,
  epochFacts,
  MAX_CHANGES_LISTED,
  MAX_NAMES_LISTED,
  NOTHING_READ,
  type ReadingStep,
  readOn,
} from '../../../../src/client/page/epoch.ts';
import { reduce, type StoreEvent } from '../../../../src/client/store/reduce.ts';
import { INITIAL_STATE, MAX_EPOCHS_SHOWN, type MeetingState } from '../../../../src/client/store/state.ts';
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

/** In short: number, who came, who went; the newest first. */
const changesOf = (facts: ReturnType<typeof epochFacts>): string[] =>
  (facts?.changes ?? []).map(
    ({ number, joined, left }) => `${number} +${joined.names.join()} -${left.names.join()}`,
  );

test('the code of the epoch is shown in groups, beside who came and went by which epoch', () => {
  assert.equal(epochFacts(INITIAL_STATE), undefined);
  const facts = epochFacts(after(epoch(1n, ['Ada'], []), epoch(2n, ['Ben'], ['Ada']), epoch(3n, [], [])));
  assert.deepEqual(facts, {
    number: '3',
    digits: '00000 00000 00000 00003',
    words: 'one two',
    changes: [
      { number: '2', joined: { names: ['Ben'], others: 0 }, left: { names: ['Ada'], others: 0 } },
      { number: '1', joined: { names: ['Ada'], others: 0 }, left: { names: [], others: 0 } },
    ],
    olderChanges: 0,
    wasCompared: false,
    isOutdated: false,
    mayBeCutOff: false,
    isUntold: false,
    suite: undefined,
  });
});

const read = ({ epochs }: MeetingState, reading: CodeReading, ...steps: readonly ReadingStep[]) =>
  steps.reduce((before, step) => readOn(before, step, epochs), reading);

test('after one comparison all changes since are listed, as long as they are known', () => {
  const compared = read(after(epoch(1n, [], [])), NOTHING_READ, 'opened', 'compared', 'closed');
  const since = (...events: readonly StoreEvent[]) =>
    epochFacts(after(epoch(1n, [], []), ...events), compared);
  assert.deepEqual([since()?.wasCompared, changesOf(since())], [true, []]);
  const facts = since(epoch(2n, ['Ben'], []), epoch(3n, ['Cy'], ['Ada']), epoch(4n, [], []));
  assert.deepEqual([facts?.wasCompared, changesOf(facts)], [true, ['3 +Cy -Ada', '2 +Ben -']]);
  const many = Array.from({ length: MAX_EPOCHS_SHOWN }, (_, i) => epoch(BigInt(i + 2), [], []));
  assert.equal(since(...many)?.wasCompared, false);
  const rejoined = reduce(after(epoch(1n, [], [])), { kind: 'joined', self: SELF });
  assert.equal(epochFacts(reduce(rejoined, epoch(7n, ['Me'], [])), compared)?.wasCompared, false);
});

describe('a code that lies open', () => {
  const five = after(epoch(4n, ['Ada'], []), epoch(5n, [], []));
  const six = reduce(five, epoch(6n, ['Eve'], []));
  const opened = read(five, NOTHING_READ, 'opened');
  const shown = (state: MeetingState, reading: CodeReading) => {
    const facts = epochFacts(state, reading);
    return [facts?.number, facts?.isOutdated, facts?.wasCompared, changesOf(facts)];
  };

  test('stays what it is, and says that there is a newer one', () => {
    assert.deepEqual(shown(five, opened), ['5', false, false, ['4 +Ada -']]);
    assert.deepEqual(shown(six, opened), ['5', true, false, ['4 +Ada -']]);
    assert.equal(epochFacts(six, opened)?.digits, epochFacts(five)?.digits);
  });

  test('is what is marked: who came while it was read is listed as a change', () => {
    assert.deepEqual(shown(six, read(six, opened, 'compared')), ['6', false, true, ['6 +Eve -']]);
  });

  test('makes way for the newest where the person asks for that, or closes it', () => {
    for (const steps of [['opened'], ['closed'], ['closed', 'opened']] as const)
      assert.deepEqual(shown(six, read(six, opened, ...steps)), [
        '6',
        false,
        false,
        ['6 +Eve -', '4 +Ada -'],
      ]);
  });

  test('of an earlier join is marked in vain', () => {
    const rejoined = reduce(reduce(six, { kind: 'joined', self: SELF }), epoch(9n, ['Me'], []));
    assert.deepEqual(shown(rejoined, opened), ['5', true, false, []]);
    assert.deepEqual(shown(rejoined, read(rejoined, opened, 'compared')), ['9', false, false, ['9 +Me -']]);
  });

  test('is needed for a mark: of what nobody looked at nothing is said', () => {
    assert.equal(epochFacts(six, read(six, NOTHING_READ, 'compared'))?.wasCompared, false);
  });
});

test('a long list is cut: of many changes the newest are listed, and of many people some are named', () => {
  const names = Array.from({ length: MAX_NAMES_LISTED + 3 }, (_, i) => `p${i}`);
  const many = Array.from({ length: MAX_CHANGES_LISTED + 2 }, (_, i) => epoch(BigInt(i), [`n${i}`], names));
  const facts = epochFacts(after(...many));
  assert.equal(facts?.changes.length, MAX_CHANGES_LISTED);
  assert.equal(facts?.olderChanges, 2);
  assert.equal(facts?.changes[0]?.number, String(MAX_CHANGES_LISTED + 1));
  assert.deepEqual(facts?.changes[0]?.left, { names: names.slice(0, MAX_NAMES_LISTED), others: 3 });
});

test('epochs are of one join, and not kept without end', () => {
  const many = Array.from({ length: 2 * MAX_EPOCHS_SHOWN }, (_, i) => epoch(BigInt(i), [], []));
  const state = after(...many, { kind: 'cut-off', mayBe: true, isUntold: true });
  assert.equal(state.epochs.length, MAX_EPOCHS_SHOWN);
  assert.equal(state.epochs.at(-1)?.number, BigInt(2 * MAX_EPOCHS_SHOWN - 1));
  assert.equal(epochFacts(state)?.mayBeCutOff, true);
  assert.equal(epochFacts(state)?.isUntold, true);
  const rejoined = reduce(state, { kind: 'joined', self: SELF });
  assert.deepEqual([rejoined.epochs, rejoined.mayBeCutOff, rejoined.isUntold], [[], false, false]);
});
