import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../bench/random.ts';
import { inspectStore } from '../../src/signaling/store/inspect.ts';
import { FakeStore } from '../support/fake-store.ts';
import { newStoreFolder } from '../support/store-folder.ts';
import { codeOf, firstSteps, type Step, take } from '../support/store-plan.ts';
import { startWriter } from '../support/store-process.ts';
import { stepsIn } from '../support/store-view.ts';

/** More by the environment, where there is time for it. */
const CRASHES = Number(process.env.BELFRY_CRASHES ?? 10);
/** Enough that the log fills up and is checkpointed within some runs. */
const MAX_ANSWERS_BEFORE_KILL = 150;
const SEED = 20_260;

const codesOf = (steps: readonly Step[]): string[] => {
  const model = new FakeStore();
  return steps.map((step) => codeOf(take(model, step)));
};

test(`killed ${CRASHES} times while it writes, a store has lost nothing that it acknowledged`, async (t) => {
  const rig = newStoreFolder();
  t.after(rig.end);
  const random = seededRandom(SEED);
  let history: Step[] = [];
  for (let crash = 0; crash < CRASHES; crash++) {
    const writer = startWriter(rig.path, SEED + crash);
    await writer.told(1 + random.below(MAX_ANSWERS_BEFORE_KILL));
    const answers = await writer.kill();
    const before = history.length;
    // The one more is what it was at when it was killed.
    const steps = [...history, ...firstSteps(SEED + crash, answers.length + 1)];
    const figures = inspectStore(rig.path);
    const store = rig.open();
    const kept = stepsIn(store, figures, steps, before + answers.length);
    store.close();
    history = steps.slice(0, kept);
    assert.deepEqual(answers, codesOf(history).slice(before, before + answers.length), `crash ${crash}`);
    inspectStore(rig.path);
  }
});
