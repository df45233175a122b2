import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../bench/random.ts';
import { interleaved } from '../../../bench/rounds.ts';

test('every subject has one sample per round, and rounds do not overlap', async () => {
  const calls: string[] = [];
  let running = 0;
  const subject = (name: string) => ({
    case: name,
    async run() {
      assert.equal(running++, 0);
      calls.push(name);
      await new Promise(setImmediate);
      running--;
    },
  });
  const samples = await interleaved([subject('a'), subject('b')], {
    rounds: 6,
    sampleMs: 0.01,
    random: seededRandom(1),
  });
  assert.deepEqual([...samples.keys()], ['a', 'b']);
  for (const { wallNs, cpuNs } of samples.values()) assert.deepEqual([wallNs.length, cpuNs.length], [6, 6]);
  const rounds = calls.slice(-12);
  for (let i = 0; i < rounds.length; i += 2) {
    assert.deepEqual(rounds.slice(i, i + 2).toSorted(), ['a', 'b']);
  }
});
