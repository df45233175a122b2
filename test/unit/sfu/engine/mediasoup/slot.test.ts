import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { silentLogger } from '../../../../../src/base/logger.ts';
import type { WorkerProcess } from '../../../../../src/sfu/engine/mediasoup/process.ts';
import { WorkerSlot } from '../../../../../src/sfu/engine/mediasoup/slot.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

class FakeProcess implements WorkerProcess {
  readonly calls: string[] = [];
  answers = true;
  obeys = true;
  lingers = false;
  readonly #gone = Promise.withResolvers<void>();
  readonly gone = this.#gone.promise;
  #onDeath = () => {};

  async beat(): Promise<number> {
    return this.answers ? 7 : new Promise<number>(() => {});
  }
  onDeath(listener: () => void): void {
    this.#onDeath = listener;
  }
  status(): undefined {}
  end(): void {
    this.calls.push('end');
    if (this.obeys) this.#gone.resolve();
  }
  kill(): void {
    this.calls.push('kill');
    if (!this.lingers) this.#gone.resolve();
  }
  leave(): void {
    this.#gone.resolve();
  }
  crash(): void {
    this.#gone.resolve();
    this.#onDeath();
  }
}

describe('a place of the pool', () => {
  let clock: FakeClock;
  let spawned: FakeProcess[];
  let told: string[];
  let failures: number;
  let slot: WorkerSlot<FakeProcess>;

  beforeEach(async () => {
    clock = new FakeClock();
    [spawned, told, failures] = [[], [], 0];
    const number = (process: FakeProcess) => spawned.indexOf(process) + 1;
    slot = new WorkerSlot<FakeProcess>({
      clock,
      logger: silentLogger,
      spawn: async () => {
        if (failures-- > 0) throw new Error('does not start');
        const process = new FakeProcess();
        spawned.push(process);
        return process;
      },
      onStart: (process) => told.push(`start ${number(process)}`),
      onDeath: (process, why) => told.push(`${why} ${number(process)}`),
      onBeat: (process, cpuMs) => told.push(`beat ${number(process)} ${cpuMs}`),
    });
    await slot.start();
  });

  /** Moves time in steps, so that answers come in between as they would. */
  async function pass(durationMs: number): Promise<void> {
    for (let passed = 0; passed < durationMs; passed += 100) {
      await setImmediate();
      clock.advance(100);
      await setImmediate();
    }
  }

  const last = (): FakeProcess => {
    const process = spawned.at(-1);
    assert.ok(process);
    return process;
  };

  it('tells of the worker’s start and of its beats', async () => {
    await pass(2_000);
    assert.deepEqual(told, ['start 1', 'beat 1 7', 'beat 1 7']);
  });

  it('buries and replaces a worker that crashed, at once', async () => {
    last().crash();
    assert.deepEqual(told, ['start 1', 'crashed 1']);
    await pass(100);
    assert.deepEqual(told, ['start 1', 'crashed 1', 'start 2']);
  });

  it('kills a worker that fell silent before it tells, and replaces it', async () => {
    last().answers = false;
    await pass(2_600);
    assert.deepEqual(spawned[0]?.calls, ['kill']);
    await pass(100);
    assert.deepEqual(told, ['start 1', 'silent 1', 'start 2']);
    await pass(1_000);
    assert.equal(told.at(-1), 'beat 2 7');
  });

  it('starts the replacement only when the old process is gone: it takes over its ports', async () => {
    const old = last();
    [old.answers, old.lingers] = [false, true];
    await pass(5_000);
    assert.deepEqual(told, ['start 1', 'silent 1']);
    old.leave();
    await pass(100);
    assert.deepEqual(told, ['start 1', 'silent 1', 'start 2']);
  });

  it('waits longer each time that workers keep dying, and forgets old deaths', async () => {
    last().crash();
    await pass(100);
    last().crash();
    await pass(900);
    assert.equal(spawned.length, 2);
    await pass(200);
    assert.equal(spawned.length, 3);
    await pass(61_000);
    last().crash();
    await pass(100);
    assert.equal(spawned.length, 4);
  });

  it('keeps trying when a replacement does not start', async () => {
    failures = 3;
    last().crash();
    await pass(20_000);
    assert.equal(spawned.length, 2);
    assert.equal(told.includes('start 2'), true);
  });

  it('rejects a first start that fails, and does not retry it', async () => {
    failures = 1;
    const first = new WorkerSlot<FakeProcess>({
      clock,
      logger: silentLogger,
      spawn: () => Promise.reject(new Error('no')),
      onStart: () => assert.fail(),
      onDeath: () => assert.fail(),
      onBeat: () => assert.fail(),
    });
    await assert.rejects(first.start(), /no/);
    await pass(5_000);
  });

  it('asks a worker to end, and kills one that does not', async () => {
    await slot.close();
    assert.deepEqual(last().calls, ['end']);
    assert.equal(clock.pendingTimers, 0);
  });

  it('kills a worker that does not end when asked', async () => {
    last().obeys = false;
    const closing = slot.close();
    await pass(1_000);
    await closing;
    assert.deepEqual(last().calls, ['end', 'kill']);
  });

  it('starts nothing any more once closed', async () => {
    last().crash();
    await setImmediate();
    await slot.close();
    await pass(60_000);
    assert.equal(spawned.length, 1);
    assert.equal(clock.pendingTimers, 0);
  });
});
