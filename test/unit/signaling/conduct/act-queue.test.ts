import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refuse } from '../../../../src/base/result.ts';
import { type ActOpening, ActQueue } from '../../../../src/signaling/conduct/act-queue.ts';
import type { Session } from '../../../../src/signaling/session/session.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { settle } from '../../../support/until.ts';

const ANSWER: ActOpening = refuse('act.failed', 'none is opened here');
const newSession = () => ({}) as Session;

describe('acts that wait to be opened', () => {
  /** Opens when told. */
  const doors = () => {
    const opens: (() => void)[] = [];
    const open = () => new Promise<ActOpening>((resolve) => opens.push(() => resolve(ANSWER)));
    return { opens, open };
  };

  it('are opened one after the other for one session, and apart for others', async () => {
    const queue = new ActQueue(new FakeClock());
    const { opens, open } = doors();
    const taken: string[] = [];
    const [one, other] = [newSession(), newSession()];
    for (const [session, name] of [
      [one, 'a'],
      [one, 'b'],
      [other, 'c'],
    ] as const)
      assert.equal(
        queue.add(session, open, () => taken.push(name)),
        undefined,
      );
    await settle();
    assert.equal(opens.length, 2, 'the first of each');
    opens[1]?.();
    await settle();
    assert.deepEqual(taken, ['c']);
    opens[0]?.();
    await settle();
    opens[2]?.();
    await settle();
    assert.deepEqual(taken, ['c', 'a', 'b']);
  });

  it('are few: eight, whatever the rate', async () => {
    const queue = new ActQueue(new FakeClock());
    const { opens, open } = doors();
    const session = newSession();
    const add = () => queue.add(session, open, () => {})?.code ?? 'ok';
    assert.deepEqual(Array.from({ length: 9 }, add), [...Array(8).fill('ok'), 'act.too-many']);
    assert.equal(
      queue.add(newSession(), open, () => {}),
      undefined,
    );
    await settle();
    opens[0]?.();
    await settle();
    assert.equal(add(), 'ok');
  });

  it('come forty at once, and then one a second', async () => {
    const clock = new FakeClock();
    const queue = new ActQueue(clock);
    const session = newSession();
    const add = async (): Promise<string> => {
      const refusal = queue.add(
        session,
        async () => ANSWER,
        () => {},
      );
      await settle();
      return refusal?.code ?? 'ok';
    };
    const codes: string[] = [];
    for (let count = 0; count < 41; count++) codes.push(await add());
    assert.deepEqual([codes.indexOf('act.too-many'), codes.length], [40, 41]);
    clock.advance(999);
    assert.equal(await add(), 'act.too-many');
    clock.advance(1);
    assert.equal(await add(), 'ok');
  });
});
