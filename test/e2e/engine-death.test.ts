import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { asId, type RoomId, type TransportId } from '../../src/base/ids.ts';
import type { Engine, EngineEvent } from '../../src/sfu/engine/port.ts';
import { codeOf } from '../contract/engine.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { createTransport, nextEvent, openRouter, SpawnWatch, startEngine } from './engine-support.ts';

const TIMEOUT = { timeout: 30_000 };

/** Within which the death of a worker must be told. */
const TOLD_WITHIN_MS = 3_000;

describe('a worker that dies', TIMEOUT, () => {
  let watch: SpawnWatch;
  let engine: Engine;
  let events: EngineEvent[];

  beforeEach(() => {
    watch = new SpawnWatch();
    events = [];
  });
  afterEach(async () => {
    watch.end();
    await engine.close();
  });

  async function start(options: Parameters<typeof startEngine>[0] = {}): Promise<void> {
    engine = await startEngine(options);
    engine.onEvent((event) => events.push(event));
  }

  it('crashed: is told at once with its rooms, and replaced', async () => {
    await start();
    const [a, b] = [await openRouter(engine, 'a'), await openRouter(engine, 'b')];
    const restarted = nextEvent(engine, 'worker-started');
    watch.last.kill('SIGKILL');
    await restarted;
    assert.deepEqual(events, [
      { kind: 'worker-died', worker: a.worker, why: 'crashed' },
      { kind: 'router-lost', room: a.room, worker: a.worker },
      { kind: 'router-lost', room: b.room, worker: a.worker },
      { kind: 'worker-started', worker: a.worker },
    ]);
    const again = await openRouter(engine, 'a');
    await createTransport(engine, again.room, 'a-send');
  });

  it('stopped: is told as silent within 3 s, killed, and replaced', async () => {
    const clock = new FakeClock();
    await start({ clock });
    const { room, worker } = await openRouter(engine, 'a');
    const stopped = watch.last;
    stopped.kill('SIGSTOP');
    clock.advance(TOLD_WITHIN_MS);
    assert.deepEqual(events, [
      { kind: 'worker-died', worker, why: 'silent' },
      { kind: 'router-lost', room, worker },
    ]);
    assert.equal(engine.stats()[0]?.alive, false);
    if (stopped.signalCode === null) await once(stopped, 'exit');
    assert.equal(stopped.signalCode, 'SIGKILL');
    const restarted = nextEvent(engine, 'worker-started');
    await setImmediate();
    clock.advance(0);
    await restarted;
    assert.equal(engine.stats()[0]?.alive, true);
    await openRouter(engine, 'a');
  });

  it('stopped, with a clock that runs', async () => {
    await start();
    const { worker } = await openRouter(engine, 'a');
    const died = nextEvent(engine, 'worker-died');
    watch.last.kill('SIGSTOP');
    assert.deepEqual(await died, { kind: 'worker-died', worker, why: 'silent' });
    await openRouter(engine, 'b');
  });

  for (const signal of ['SIGSTOP', 'SIGKILL'] as const)
    it(`refuses what was asked of it: ${signal}`, async () => {
      const clock = new FakeClock();
      await start({ clock });
      const { room } = await openRouter(engine, 'a');
      watch.last.kill('SIGSTOP');
      const verbs = ['one', 'two'].map((name) =>
        engine.run({ kind: 'create-transport', room, transport: asId<TransportId>(name), direction: 'send' }),
      );
      if (signal === 'SIGKILL') watch.last.kill('SIGKILL');
      else clock.advance(TOLD_WITHIN_MS);
      const codes = (await Promise.all(verbs)).map(codeOf);
      assert.deepEqual(codes, ['media.unavailable', 'media.unavailable']);
      const late = await engine.run({ kind: 'close-transport', transport: asId<TransportId>('one') });
      assert.equal(codeOf(late), 'media.unknown');
    });

  it('refuses a verb at its deadline, and undoes what is made too late', async () => {
    const clock = new FakeClock();
    await start({ clock, deadlines: { verbMs: 200 } });
    const { room } = await openRouter(engine, 'a');
    watch.last.kill('SIGSTOP');
    const transport = asId<TransportId>('slow');
    const verb = { kind: 'create-transport', room, transport, direction: 'send' } as const;
    const opening = engine.run({ kind: 'open-router', room: asId<RoomId>('b') });
    const slow = engine.run(verb);
    clock.advance(200);
    assert.deepEqual([await slow, await opening].map(codeOf), ['media.unavailable', 'media.unavailable']);
    watch.last.kill('SIGCONT');
    // The worker answers in order: once this is done, the late answers have come.
    await createTransport(engine, room, 'quick');
    const [stats] = engine.stats();
    assert.deepEqual([stats?.routers, stats?.transports], [1, 1]);
    assert.equal(codeOf(await engine.run({ kind: 'close-transport', transport })), 'media.unknown');
    await createTransport(engine, room, 'slow');
    await openRouter(engine, 'b');
  });

  it('leaves the rooms of other workers alone, and new rooms go to those', async () => {
    await start({ workers: 2 });
    const [a, b] = [await openRouter(engine, 'a'), await openRouter(engine, 'b')];
    assert.notEqual(a.worker, b.worker, 'rooms are spread');
    const died = nextEvent(engine, 'worker-died');
    watch.workers[0]?.kill('SIGKILL');
    const { worker } = await died;
    const [lost, kept] = worker === a.worker ? [a, b] : [b, a];
    assert.ok(events.some((event) => event.kind === 'router-lost' && event.room === lost.room));
    await createTransport(engine, kept.room, 'kept');
    assert.equal((await openRouter(engine, 'c')).worker, kept.worker);
  });

  it('lets a room wait for the replacement', async () => {
    await start();
    const { room } = await openRouter(engine, 'a');
    const lost = nextEvent(engine, 'router-lost');
    watch.last.kill('SIGKILL');
    await lost;
    assert.equal(engine.stats()[0]?.alive, false);
    await openRouter(engine, room);
  });

  it('survives a listener that throws', async () => {
    await start();
    engine.onEvent(() => {
      throw new Error('a listener’s mistake');
    });
    const restarted = nextEvent(engine, 'worker-started');
    await openRouter(engine, 'a');
    watch.last.kill('SIGKILL');
    await restarted;
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['worker-died', 'router-lost', 'worker-started'],
    );
  });
});
