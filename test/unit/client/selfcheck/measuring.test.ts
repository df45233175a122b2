import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import { utf8 } from '../../../../src/base/bytes.ts';
import { asId, type MeetingId } from '../../../../src/base/ids.ts';
import type { Source } from '../../../../src/base/media.ts';
import { Arrivals } from '../../../../src/client/selfcheck/arrivals.ts';
import { SentLog } from '../../../../src/client/selfcheck/sent-log.ts';
import { waitFor } from '../../../../src/client/selfcheck/wait.ts';
import { askWitness } from '../../../../src/client/selfcheck/witness-question.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { settle } from '../../../support/until.ts';

const MEETING = asId<MeetingId>('a-meeting');

describe('what was sent, and what arrived', () => {
  const setUp = () => {
    const clock = new FakeClock();
    const log = new SentLog(() => clock.nowMs(), assert.fail);
    let ctr = 0n;
    /** One tick on so many layers; answers the frames as they would arrive. */
    const send = (source: Source, tick: number, layers = 1) =>
      Array.from({ length: layers }, (_, layer) => {
        ctr += 1n;
        const frame = utf8(`${source} ${tick} ${layer}`);
        log.add({ source, layer, kid: BigInt(layer), ctr, tick, keyFrame: false, frame });
        return { frame, kid: BigInt(layer), ctr, keyFrame: false, rtpTimestamp: 0, receivedMs: 0 };
      });
    return { clock, log, send };
  };

  it('counts a tick of video once, whichever layer came, and only of its own window', () => {
    const { clock, log, send } = setUp();
    const arrivals = new Arrivals(log, 'camera');
    const all = [0, 1, 2, 3].map((tick) => {
      const frames = send('camera', tick, 3);
      send('microphone', tick);
      clock.advance(10);
      return frames;
    });
    const window = log.ticksBetween('camera', 10, 30);
    assert.deepEqual([...window], [1, 2]);
    for (const [tick, layer] of [
      [0, 2],
      [1, 2],
      [1, 1],
      [3, 0],
    ] as const) {
      const frame = all[tick]?.[layer];
      assert(frame !== undefined);
      arrivals.add(frame);
    }
    assert.deepEqual([arrivals.countOf(window), arrivals.wrong, arrivals.layer], [1, 0, 0]);
  });

  it('tells the layers that came since it was told to, each under a key of its own', () => {
    const { log, send } = setUp();
    const arrivals = new Arrivals(log, 'camera');
    const come = (tick: number, layer: number) => {
      const frame = send('camera', tick, 3)[layer];
      if (frame !== undefined) arrivals.add(frame);
    };
    come(1, 0);
    arrivals.startVisits();
    assert.deepEqual(arrivals.visited, []);
    for (const [tick, layer] of [2, 2, 1, 2, 1].entries()) come(2 + tick, layer);
    assert.deepEqual(arrivals.visited, [2, 1]);
  });

  it('takes a layer under the key of another one for no visit', () => {
    const clock = new FakeClock();
    const log = new SentLog(() => clock.nowMs(), assert.fail);
    const arrivals = new Arrivals(log, 'camera');
    for (const layer of [2, 1, 0]) {
      const sent = { kid: 7n, ctr: BigInt(layer), keyFrame: true, frame: utf8(`${layer}`) };
      log.add({ ...sent, source: 'camera', layer, tick: layer });
      arrivals.add({ ...sent, rtpTimestamp: 0, receivedMs: 0 });
    }
    assert.deepEqual([arrivals.visited, arrivals.wrong], [[2], 0]);
  });

  it('counts a tick in the window in which its first layer left', () => {
    const { clock, log, send } = setUp();
    send('camera', 1);
    clock.advance(10);
    send('camera', 1);
    assert.deepEqual([...log.ticksBetween('camera', 0, 5)], [1]);
    assert.deepEqual([...log.ticksBetween('camera', 5, 15)], []);
  });

  it('takes for wrong what nobody sent, what differs in one byte, and what is of another source', () => {
    const { log, send } = setUp();
    const arrivals = new Arrivals(log, 'camera');
    const [sent] = send('camera', 1);
    const [voice] = send('microphone', 2);
    assert(sent !== undefined && voice !== undefined);
    arrivals.add({ ...sent, ctr: 99n });
    arrivals.add({ ...sent, kid: 99n });
    arrivals.add({ ...sent, frame: sent.frame.map((byte, i) => (i === 3 ? byte ^ 1 : byte)) });
    arrivals.add(voice);
    assert.deepEqual([arrivals.wrong, arrivals.countOf(new Set([1, 2])), arrivals.layer], [4, 0, undefined]);
  });

  it('says once that a frame left under the key id and counter of another', () => {
    let repeats = 0;
    const log = new SentLog(
      () => 0,
      () => repeats++,
    );
    const sent = { source: 'camera', layer: 0, keyFrame: false, frame: utf8('a frame') } as const;
    for (const [tick, kid, ctr] of [
      [0, 1n, 1n],
      [1, 1n, 2n],
      [2, 2n, 1n],
    ] as const)
      log.add({ ...sent, tick, kid, ctr });
    assert.equal(repeats, 0, 'neither alone is a repeat');
    for (const tick of [3, 4]) log.add({ ...sent, tick, kid: 1n, ctr: 2n });
    assert.equal(repeats, 1);
  });

  it('keeps a bounded log: the oldest are forgotten', () => {
    const { log, send } = setUp();
    for (let tick = 0; tick < 20_001; tick++) send('microphone', tick);
    assert.equal(log.find(0n, 1n), undefined);
    assert.equal(log.find(0n, 2n)?.tick, 1);
  });
});

describe('waiting', () => {
  const pass = async (clock: FakeClock, durationMs: number) => {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 50) {
      clock.advance(50);
      await settle();
    }
  };

  it('ends when nothing is missing, with progress on the way', async () => {
    const clock = new FakeClock();
    const said: string[] = [];
    let missing = ['a', 'b'];
    const wait = waitFor({
      clock,
      what: 'media',
      limitMs: 9_000,
      missing: () => missing,
      say: (line) => said.push(line),
    });
    await pass(clock, 4_500);
    missing = [];
    await pass(clock, 50);
    await wait;
    assert.deepEqual(said, ['media: 2 missing after 2 s', 'media: 2 missing after 4 s']);
  });

  it('fails at its limit with all that is missing', async () => {
    const clock = new FakeClock();
    const wait = waitFor({ clock, what: 'media', limitMs: 1_000, missing: () => ['a', 'b'], say: () => {} });
    const failed = assert.rejects(wait, {
      code: 'selfcheck.late',
      message: /after 1 s still missing: a, b$/,
    });
    await pass(clock, 1_000);
    await failed;
  });
});

describe('the question to the parent', () => {
  const parentThat = (answers: readonly unknown[]) => {
    const parent = new EventEmitter();
    const asked: object[] = [];
    const send = (message: object) => {
      asked.push(message);
      for (const answer of answers) queueMicrotask(() => parent.emit('message', answer));
    };
    return { parent: Object.assign(parent, { send }), asked };
  };

  it('gets the figures, past whatever else the parent says', async () => {
    const clock = new FakeClock();
    const figures = { framesSeen: 7, framesInClear: 0 };
    const bad = { kind: 'witness', framesSeen: -1, framesInClear: 'none' };
    const { parent, asked } = parentThat(['hello', bad, { kind: 'witness', ...figures, wrongSender: 0 }]);
    assert.deepEqual(await askWitness(parent, clock, MEETING), figures);
    assert.deepEqual(asked, [{ kind: 'witness?', meeting: MEETING }]);
    assert.deepEqual([parent.listenerCount('message'), clock.pendingTimers], [0, 0]);
  });

  it('does without where there is no parent, or one that has no figures', async () => {
    const clock = new FakeClock();
    assert.equal(await askWitness(new EventEmitter(), clock, MEETING), undefined);
    assert.equal(await askWitness(parentThat([{ kind: 'witness' }]).parent, clock, MEETING), undefined);
  });

  it('does not take silence for an answer', async () => {
    const clock = new FakeClock();
    const { parent } = parentThat([]);
    const answer = askWitness(parent, clock, MEETING);
    clock.advance(3_000);
    await assert.rejects(answer, { code: 'selfcheck.no-witness' });
    assert.equal(parent.listenerCount('message'), 0);
  });
});
