import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asId, type ParticipantId } from '../../../../src/base/ids.ts';
import { joinKid, splitKid } from '../../../../src/framing/kid.ts';
import { MAX_EXPECTED, PAST_SENDER_MS } from '../../../../src/signaling/group/limits.ts';
import { Senders, senderNumber } from '../../../../src/signaling/group/senders.ts';

const id = (name: string) => asId<ParticipantId>(name);
const [a, b, c] = [id('a'), id('b'), id('c')];
const at = (epoch: number, generation = 0) => ({ generation, epoch });

const sendersAt = (epoch: number, ...members: ParticipantId[]) => {
  const senders = new Senders();
  const move = (to: number, joined: readonly ParticipantId[] = [], generation = 0, of = members) =>
    senders.moveTo(at(to, generation), new Set(of), new Set(joined));
  move(epoch, members);
  return { senders, move };
};
const numbers = (leaf: number, ...epochs: number[]) => epochs.map((epoch) => senderNumber(leaf, epoch));

describe('the numbers of a group’s senders', () => {
  it('are leaf and the lowest four bits of the epoch, below the context in a key id', () => {
    for (const [leaf, epoch] of [
      [0, 0],
      [1, 15],
      [3, 16],
      [4_095, 1_000_003],
    ] as const) {
      const number = senderNumber(leaf, epoch);
      assert.equal(number, (leaf << 4) | (epoch & 15));
      assert.deepEqual(splitKid(joinKid({ context: 7, number })), { context: 7, number });
    }
  });

  it('go with the group for a member that stays, and end for the epochs before in their time', () => {
    const { senders, move } = sendersAt(4, a, b);
    assert.deepEqual(senders.numbersOf(a, 0), []);
    assert.deepEqual(senders.ready(a, 2, at(4), 0), { kind: 'taken' });
    assert.equal(move(5), true);
    assert.equal(move(5), false);
    move(6);
    assert.deepEqual(senders.numbersOf(a, 0), numbers(2, 6, 5, 4));
    senders.ready(a, 2, at(5), 100);
    assert.deepEqual(senders.numbersOf(a, 100), numbers(2, 6, 5, 4));
    assert.equal(senders.nextExpiryMs, 100 + PAST_SENDER_MS);
    assert.deepEqual(senders.expire(99 + PAST_SENDER_MS), []);
    assert.deepEqual(senders.expire(100 + PAST_SENDER_MS), [a]);
    assert.deepEqual(senders.numbersOf(a, 100 + PAST_SENDER_MS), numbers(2, 6, 5));
    assert.equal(senders.nextExpiryMs, undefined);
  });

  it('are never more than receivers hold', () => {
    const { senders, move } = sendersAt(0, a);
    senders.ready(a, 1, at(0), 0);
    for (let epoch = 1; epoch <= 40; epoch++) {
      move(epoch);
      assert.ok(senders.numbersOf(a, epoch).length <= MAX_EXPECTED);
      assert.equal(senders.numbersOf(a, epoch)[0], senderNumber(1, epoch));
      if (epoch % 3 === 0) senders.ready(a, 1, at(epoch), epoch);
    }
  });

  it('do not go with one that came into another leaf, or is in the group no longer', () => {
    const { senders, move } = sendersAt(1, a, b);
    senders.ready(a, 0, at(1), 0);
    senders.ready(b, 1, at(1), 0);
    move(2, [a]);
    assert.deepEqual(senders.numbersOf(a, 0), numbers(0, 1));
    move(3, [], 0, [a]);
    assert.deepEqual(senders.numbersOf(b, 0), numbers(1, 1));
    assert.deepEqual(senders.ready(c, 1, at(3), 0), { kind: 'taken' }, 'its leaf is free');
    assert.deepEqual(senders.ready(a, 5, at(3), 0), { kind: 'taken' });
    assert.deepEqual(senders.numbersOf(a, 0), [...numbers(5, 3), ...numbers(0, 1)]);
  });

  it('belong to who said so first in an epoch, and to who sat there before', () => {
    const { senders, move } = sendersAt(1, a, b, c);
    senders.ready(a, 0, at(1), 0);
    assert.deepEqual(senders.ready(b, 0, at(1), 0), { kind: 'refused', holder: a });
    assert.deepEqual(senders.ready(a, 0, at(1), 0), { kind: 'known' });
    assert.deepEqual(senders.ready(a, 3, at(1), 0), { kind: 'refused', holder: a }, 'nobody has two');
    move(2);
    assert.deepEqual(senders.ready(b, 0, at(2), 0), { kind: 'refused', holder: a }, 'sooner than its word');
    senders.leave(a);
    assert.deepEqual(senders.ready(b, 0, at(2), 0), { kind: 'taken' });
    assert.deepEqual(senders.numbersOf(a, 0), []);
  });

  it('are of epochs that were: what is said of others changes nothing', () => {
    const { senders } = sendersAt(20, a);
    for (const epoch of [at(21), at(20, 1), at(20 - MAX_EXPECTED)])
      assert.deepEqual(senders.ready(a, 0, epoch, 0), { kind: 'old' });
    senders.ready(a, 0, at(20), 0);
    assert.deepEqual(senders.ready(a, 0, at(19), 0), { kind: 'old' }, 'nobody goes back');
  });

  it('of an epoch that was opened again bind nobody in the one that takes its place', () => {
    const { senders, move } = sendersAt(1, a, b);
    senders.ready(a, 0, at(1), 0);
    move(2);
    senders.ready(b, 7, at(2), 0);
    move(1);
    move(2, [b]);
    assert.deepEqual(senders.ready(b, 3, at(2), 0), { kind: 'taken' });
    assert.deepEqual(senders.ready(a, 0, at(2), 0), { kind: 'taken' });
  });

  it('of another generation begin anew', () => {
    const { senders, move } = sendersAt(1, a, b);
    senders.ready(a, 0, at(1), 0);
    move(1, [a, b], 1);
    assert.deepEqual(senders.ready(b, 0, at(1, 1), 0), { kind: 'taken' });
    assert.deepEqual(senders.numbersOf(a, 0), numbers(0, 1));
    assert.equal(senders.ready(a, 0, at(1, 1), 0).kind, 'refused');
  });
});
