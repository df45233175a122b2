import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { asId } from '../../../src/base/ids.ts';
import { EventQueue, MAX_WAITING_EVENTS } from '../../../src/client/event-queue.ts';
import type { ServerEvent } from '../../../src/signaling/protocol/messages.ts';

/** Numbered lists stand for all events: one has nothing but its number. */
const event = (number: number): ServerEvent => ({ kind: 'list-published', number });

describe('the queue of events', () => {
  let handled: number[];
  let judging: Map<number, PromiseWithResolvers<void>>;
  let queue: EventQueue;

  beforeEach(() => {
    handled = [];
    judging = new Map();
    queue = new EventQueue((given) => {
      assert(given.kind === 'list-published');
      handled.push(given.number);
      return judging.get(given.number)?.promise;
    });
  });

  it('keeps events until it is released, and hands on at once from then on', () => {
    queue.push(event(1));
    assert.deepEqual(handled, []);
    queue.release();
    queue.push(event(2));
    assert.deepEqual(handled, [1, 2]);
  });

  it('lets later events wait for one that takes its time', async () => {
    const judged = Promise.withResolvers<void>();
    judging.set(1, judged);
    queue.release();
    for (const number of [1, 2, 3]) queue.push(event(number));
    assert.deepEqual(handled, [1]);
    judged.resolve();
    await judged.promise;
    await Promise.resolve();
    assert.deepEqual(handled, [1, 2, 3]);
  });

  it('forgets what waits when it is reset, and is not held up by what was under way', async () => {
    const [old, fresh] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    judging.set(1, old).set(4, fresh);
    queue.release();
    queue.push(event(1));
    queue.push(event(2));
    queue.reset();
    queue.push(event(4));
    queue.push(event(5));
    queue.release();
    assert.deepEqual(handled, [1, 4]);
    old.resolve();
    await old.promise;
    await Promise.resolve();
    assert.deepEqual(handled, [1, 4], 'the old judgement frees nothing of the new join');
    fresh.resolve();
    await fresh.promise;
    await Promise.resolve();
    assert.deepEqual(handled, [1, 4, 5]);
  });

  it('has a bound', () => {
    for (let number = 1; number <= MAX_WAITING_EVENTS; number++) assert(queue.push(event(number)));
    assert.equal(queue.push({ kind: 'participant-left', participant: asId('x'), why: 'left' }), false);
  });
});
