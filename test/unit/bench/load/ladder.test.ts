import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ceilingOf, isHeld, type Step } from '../../../../bench/load/calibrate/ladder.ts';

const step = (changes: Partial<Step> = {}): Step => ({
  perSecond: 1_000,
  due: 1_000,
  sent: 1_000,
  sentLateMs: 0.1,
  received: 1_000,
  dropped: 0,
  cpuShare: 0.3,
  cpuUsPerPacket: 20,
  loopLateMs: 1,
  delayMs: 1,
  ...changes,
});
const behind = { received: 700, loopLateMs: 90, perSecond: 1_400 };

test('a step is held where all that was sent evenly was taken in time', () => {
  assert.equal(isHeld(step()), true);
  for (const changes of [
    { received: 990 },
    { loopLateMs: 51 },
    { delayMs: 51 },
    { sent: 900 },
    { sentLateMs: 3 },
  ])
    assert.equal(isHeld(step(changes)), false, JSON.stringify(changes));
});

test('a receiver that spent its core has shown its ceiling', () => {
  const { step: held, limit } = ceilingOf([step(), step({ ...behind, cpuShare: 0.9 })]);
  assert.equal(held?.perSecond, 1_000);
  assert.equal(limit, 'receiver');
  // Falling behind, it may use less than when it just kept up.
  assert.equal(ceilingOf([step({ cpuShare: 0.9 }), step({ ...behind, cpuShare: 0.6 })]).limit, 'receiver');
});

test('a receiver with room left was held up by something else: that is no ceiling', () => {
  assert.equal(ceilingOf([step(), step(behind)]).limit, 'machine');
  assert.deepEqual(ceilingOf([]), { step: undefined, limit: 'machine' });
});

test('a reflector that sends all, but in bursts, has not offered the rate', () => {
  assert.equal(ceilingOf([step(), step({ perSecond: 1_400, sentLateMs: 8 })]).limit, 'reflector');
});
