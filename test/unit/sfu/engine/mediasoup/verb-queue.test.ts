import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { asId, type RoomId } from '../../../../../src/base/ids.ts';
import { ok } from '../../../../../src/base/result.ts';
import {
  type Attempt,
  MAX_WAITING_VERBS_PER_ROOM,
  type Outcome,
  VerbQueues,
} from '../../../../../src/sfu/engine/mediasoup/verb-queue.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

const LIMIT_MS = 3_000;
const DONE: Outcome = ok({ kind: 'done' });
const ROOM = asId<RoomId>('one');
const OTHER = asId<RoomId>('other');
const codeOf = (outcome: Outcome) => (outcome.ok ? 'ok' : outcome.refusal.code);

describe('the queues of verbs', () => {
  let clock: FakeClock;
  let queues: VerbQueues;
  let begun: string[];

  beforeEach(() => {
    clock = new FakeClock();
    queues = new VerbQueues(clock, LIMIT_MS);
    begun = [];
  });

  function give(name: string, room = ROOM) {
    const work = Promise.withResolvers<Outcome>();
    let attempt: Attempt | undefined;
    const outcome = queues.run(room, (mine) => {
      begun.push(name);
      attempt = mine;
      return work.promise;
    });
    const finish = async () => {
      work.resolve(DONE);
      await setImmediate();
    };
    return { outcome, finish, isLate: () => attempt?.late };
  }

  it('begin a room’s verb when the one before is done, and rooms beside each other', async () => {
    const [a, b] = [give('a'), give('b')];
    give('c', OTHER);
    assert.deepEqual(begun, ['a', 'c']);
    await a.finish();
    assert.deepEqual(begun, ['a', 'c', 'b']);
    await b.finish();
    assert.deepEqual([await a.outcome, await b.outcome], [DONE, DONE]);
    give('d');
    assert.equal(begun.at(-1), 'd', 'an empty queue begins at once');
  });

  it('refuse at the limit, tell the attempt so, and go on', async () => {
    const [a, b] = [give('a'), give('b')];
    clock.advance(1_000);
    const c = give('c');
    clock.advance(LIMIT_MS - 1_000);
    assert.equal(codeOf(await a.outcome), 'media.unavailable');
    assert.equal(codeOf(await b.outcome), 'media.unavailable');
    assert.equal(a.isLate(), true);
    assert.deepEqual(begun, ['a', 'c'], 'what was refused while it waited is never begun');
    await a.finish();
    await c.finish();
    assert.equal(await c.outcome, DONE);
    assert.equal(c.isLate(), false);
    assert.equal(clock.pendingTimers, 0);
  });

  it('refuse at once what a room that died has given', async () => {
    const [a, b, c] = [give('a'), give('b'), give('c', OTHER)];
    queues.flush(ROOM, 'gone');
    assert.deepEqual(
      [codeOf(await a.outcome), codeOf(await b.outcome)],
      ['media.unavailable', 'media.unavailable'],
    );
    assert.equal(a.isLate(), true);
    await a.finish();
    const again = give('again');
    assert.deepEqual(begun, ['a', 'c', 'again']);
    queues.flushAll('closing');
    assert.deepEqual(
      [codeOf(await c.outcome), codeOf(await again.outcome)],
      ['media.unavailable', 'media.unavailable'],
    );
    assert.equal(clock.pendingTimers, 0);
  });

  it('are bounded', async () => {
    give('running');
    for (let i = 0; i < MAX_WAITING_VERBS_PER_ROOM; i++) give('waiting');
    assert.equal(codeOf(await give('one too many').outcome), 'media.unavailable');
    assert.deepEqual(begun, ['running']);
    give('elsewhere', OTHER);
    assert.deepEqual(begun, ['running', 'elsewhere']);
    queues.flushAll('end');
  });
});
