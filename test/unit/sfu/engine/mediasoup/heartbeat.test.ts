import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { startHeartbeat } from '../../../../../src/sfu/engine/mediasoup/heartbeat.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

describe('a worker’s heartbeat', () => {
  let clock: FakeClock;
  let asked: PromiseWithResolvers<number>[];
  let answers: number[];
  let silentAtMs: number[];
  let stop: () => void;

  beforeEach(() => {
    clock = new FakeClock();
    [asked, answers, silentAtMs] = [[], [], []];
    stop = startHeartbeat({
      clock,
      ask: () => {
        const beat = Promise.withResolvers<number>();
        asked.push(beat);
        return beat.promise;
      },
      onAnswer: (value) => answers.push(value),
      onSilent: () => silentAtMs.push(clock.nowMs()),
    });
  });

  const answer = async (index: number, value: number) => {
    asked[index]?.resolve(value);
    await setImmediate();
  };

  it('is asked once a second and hands on what is answered', async () => {
    for (let i = 0; i < 5; i++) {
      clock.advance(1_000);
      await answer(i, i);
    }
    clock.advance(999);
    assert.deepEqual(answers, [0, 1, 2, 3, 4]);
    assert.deepEqual(silentAtMs, []);
  });

  it('ends after two misses, within 3 s of the last answer, and is told once', async () => {
    clock.advance(1_000);
    await answer(0, 1);
    clock.advance(10_000);
    assert.deepEqual(silentAtMs, [3_600]);
    assert.equal(asked.length, 3, 'nothing is asked after that');
    assert.equal(clock.pendingTimers, 0);
  });

  it('survives one miss, and an answer that comes late', async () => {
    clock.advance(1_700);
    await answer(0, 1);
    clock.advance(1_000);
    await answer(1, 2);
    clock.advance(500);
    assert.deepEqual(silentAtMs, []);
    assert.deepEqual(answers, [1, 2]);
  });

  it('takes a refusal for a miss', async () => {
    clock.advance(1_000);
    asked[0]?.reject(new Error('closed'));
    await setImmediate();
    clock.advance(1_000);
    asked[1]?.reject(new Error('closed'));
    await setImmediate();
    clock.advance(1_000);
    assert.equal(silentAtMs.length, 1);
  });

  it('is not heard any more once stopped', async () => {
    clock.advance(1_000);
    stop();
    await answer(0, 1);
    clock.advance(10_000);
    assert.deepEqual([answers, silentAtMs, asked.length], [[], [], 1]);
  });
});
