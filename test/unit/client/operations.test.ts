import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BelfryError } from '../../../src/base/errors.ts';
import { Operations } from '../../../src/client/operations.ts';

describe('operations', () => {
  /** One that lasts until the test ends it. */
  const held = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    return { work: () => promise, end: resolve };
  };
  const setUp = () => {
    const ran: string[] = [];
    const note = (name: string) => async () => {
      ran.push(name);
    };
    return { operations: new Operations(), ran, note };
  };

  it('run one at a time, in order', async () => {
    const { operations, ran, note } = setUp();
    const first = held();
    const all = [operations.run(first.work), operations.run(note('b')), operations.runLasting(note('c'))];
    await Promise.resolve();
    assert.deepEqual(ran, []);
    first.end();
    await Promise.all(all);
    assert.deepEqual(ran, ['b', 'c']);
  });

  it('answer what was thrown as a value, and go on', async () => {
    const { operations, ran, note } = setUp();
    const coded = await operations.run(() => Promise.reject(new BelfryError('media.unknown', 'gone')));
    assert.deepEqual(coded, { ok: false, refusal: { code: 'media.unknown', message: 'gone' } });
    const other = await operations.run(() => {
      throw new TypeError('broken');
    });
    assert.deepEqual(other, { ok: false, refusal: { code: 'media.failed', message: 'broken' } });
    assert.deepEqual(await operations.run(note('after')), { ok: true, value: undefined });
    assert.deepEqual(ran, ['after']);
  });

  it('begin an epoch before all that waits, and drop what was for the one before', async () => {
    const { operations, ran, note } = setUp();
    const running = held();
    const first = operations.run(running.work);
    const outdated = operations.run(note('outdated'));
    const lasting = operations.runLasting(note('lasting'));
    const overtaken = operations.startEpoch(note('overtaken'));
    const newest = operations.startEpoch(note('newest'));
    for (const outcome of [await outdated, await overtaken])
      assert.equal(!outcome.ok && outcome.refusal.code, 'media.outdated');
    assert.deepEqual(ran, []);
    running.end();
    await Promise.all([first, newest, lasting]);
    assert.deepEqual(ran, ['newest', 'lasting']);
  });

  it('refuse more than may wait', async () => {
    const { operations, note } = setUp();
    const running = held();
    void operations.run(running.work);
    const waiting = Array.from({ length: 4096 }, () => operations.run(note('')));
    const refused = await operations.run(note(''));
    assert.equal(!refused.ok && refused.refusal.code, 'media.busy');
    running.end();
    await Promise.all(waiting);
    assert.equal((await operations.run(note(''))).ok, true);
  });
});
