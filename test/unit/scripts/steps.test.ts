import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SetupFault } from '../../../scripts/lib/fault.mjs';
import { type Context, runSteps, STEPS, type Step } from '../../../scripts/lib/steps.mjs';

const CONTEXT: Context = { cache: '/nowhere', projectDir: '/nowhere', forTests: false };

function step(name: string, change: Partial<Step> = {}): Step {
  return { name, isDone: () => false, run: async () => {}, ...change };
}

describe('runSteps', () => {
  it('runs in order what is not done, and only that', async () => {
    const log: string[] = [];
    const logging = (name: string, done: boolean) =>
      step(name, { isDone: () => done, run: async () => void log.push(name) });
    const ran = await runSteps([logging('a', false), logging('b', true), logging('c', false)], CONTEXT);
    assert.deepEqual(ran, ['a', 'c']);
    assert.deepEqual(log, ['a', 'c']);
  });

  it('asks each step only after those before it have run', async () => {
    let installed = false;
    const first = step('a', {
      run: async () => {
        installed = true;
      },
    });
    const second = step('b', { isDone: () => installed });
    assert.deepEqual(await runSteps([first, second], CONTEXT), ['a']);
  });

  it('leaves the tests’ steps out of other runs', async () => {
    const steps = [step('a', { testsOnly: true })];
    assert.deepEqual(await runSteps(steps, CONTEXT), []);
    assert.deepEqual(await runSteps(steps, { ...CONTEXT, forTests: true }), ['a']);
  });

  it('stops at a failure, but goes on past an optional one and says so', async () => {
    const failing = (optional: boolean) =>
      step('a', { optional, run: () => Promise.reject(new SetupFault('no network')) });
    await assert.rejects(runSteps([failing(false), step('b')], CONTEXT), /no network/);
    const warnings: string[] = [];
    assert.deepEqual(await runSteps([failing(true), step('b')], CONTEXT, (text) => warnings.push(text)), [
      'a',
      'b',
    ]);
    assert.match(warnings.join(), /without a.*no network/s);
  });

  it('does not take a bug for an optional step’s failure', async () => {
    const broken = step('a', { optional: true, run: () => Promise.reject(new TypeError('bug')) });
    await assert.rejects(runSteps([broken], CONTEXT), TypeError);
  });
});

describe('the table of steps', () => {
  const done = (name: string, context: Partial<Context>) =>
    STEPS.find((one) => one.name === name)?.isDone({ ...CONTEXT, ...context });

  it('builds nothing and installs no Debian package where a worker is given', () => {
    assert.equal(done('Debian packages', { givenWorker: '/some/worker' }), true);
    assert.equal(done('media worker', { givenWorker: '/some/worker' }), true);
  });

  it('wants a worker where there is none', () => {
    assert.equal(done('media worker', {}), false);
  });
});
