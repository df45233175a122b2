import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { NOTHING, Traffic } from '../../../../../src/sfu/engine/mediasoup/traffic.ts';

describe('a worker’s traffic', () => {
  let traffic: Traffic;
  beforeEach(() => {
    traffic = new Traffic();
  });

  /** Something that carries packets, as many as it is told. */
  function thing() {
    const state = { packetsIn: 0, reads: 0, gone: false };
    const read = async () => {
      state.reads += 1;
      if (state.gone) throw new Error('gone');
      return { ...NOTHING, packetsIn: state.packetsIn };
    };
    return { state, read };
  }

  const sample = async (limit = 10) => {
    traffic.sample(limit);
    await setImmediate();
  };

  it('adds up what all things have carried', async () => {
    const [a, b] = [thing(), thing()];
    traffic.add(a.read);
    traffic.add(b.read);
    a.state.packetsIn = 5;
    b.state.packetsIn = 7;
    await sample();
    assert.deepEqual(traffic.total, { ...NOTHING, packetsIn: 12 });
    a.state.packetsIn = 6;
    await sample();
    assert.equal(traffic.total.packetsIn, 13);
  });

  it('keeps what ended things carried, their last packets included', async () => {
    const one = thing();
    traffic.add(one.read);
    one.state.packetsIn = 5;
    await sample();
    one.state.packetsIn = 9;
    traffic.remove(one.read);
    await setImmediate();
    await sample();
    assert.equal(traffic.total.packetsIn, 9);
    assert.equal(one.state.reads, 2, 'it is not asked again');
  });

  it('never goes down, not where a thing is gone nor where it starts anew', async () => {
    const one = thing();
    traffic.add(one.read);
    one.state.packetsIn = 5;
    await sample();
    one.state.packetsIn = 2;
    await sample();
    one.state.gone = true;
    await sample();
    traffic.remove(one.read);
    await setImmediate();
    assert.equal(traffic.total.packetsIn, 5);
  });

  it('reads a few at a time, each in its turn', async () => {
    const things = Array.from({ length: 5 }, thing);
    for (const { read } of things) traffic.add(read);
    await sample(2);
    assert.deepEqual(
      things.map(({ state }) => state.reads),
      [1, 1, 0, 0, 0],
    );
    await sample(2);
    await sample(2);
    assert.deepEqual(
      things.map(({ state }) => state.reads),
      [2, 1, 1, 1, 1],
    );
  });

  it('asks nothing more of a worker that owes answers', async () => {
    let asked = 0;
    traffic.add(() => {
      asked += 1;
      return new Promise(() => {});
    });
    await sample();
    await sample();
    assert.equal(asked, 1);
  });
});
