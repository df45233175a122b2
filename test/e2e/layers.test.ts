import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../src/base/platform.ts';
import { loadShippedClips } from '../../src/client/clips/files.ts';
import type { Headless } from '../../src/client/selfcheck/headless.ts';
import { MeasuredStream } from '../../src/client/selfcheck/measured-stream.ts';
import type { SentFrame } from '../../src/client/werift/media.ts';
import { joinHeadless, type RealMeeting, startRelay } from '../support/real-meeting.ts';
import { eventually } from '../support/until.ts';

const TIMEOUT = { timeout: 90_000 };
/** Thirty a second. Where the engine holds a layer back for two seconds, 60 and more pass it by; else it takes a few. */
const MAX_MISSED_FRAMES = 45;

describe('layers of a camera at a real relay', () => {
  let relay: RealMeeting;
  let ada: Headless;
  let bob: Headless;
  /** Of each frame that left Ada, in order. */
  const sentLayers: number[] = [];

  before(async () => {
    relay = await startRelay(1);
    const { link, people } = relay;
    ada = await joinHeadless(link, 'Ada', assert.fail, { device: await people.device() });
    bob = await joinHeadless(link, 'Bob', assert.fail, { device: await people.device() });
    const onSent = (frame: SentFrame) => {
      sentLayers.push(frame.layer);
      ada.sent.add(frame);
    };
    const { camera } = await loadShippedClips();
    assert((await ada.meeting.produce('camera', { layers: camera, onSent })).ok);
  });
  after(async () => {
    await Promise.all([ada, bob].map(({ meeting }) => meeting.leave()));
    await relay.stop();
  });

  const receives = (layer: number) => {
    const fresh = new MeasuredStream(ada, bob, 'camera');
    return eventually(`Bob opens layer ${layer}`, () => fresh.arrivals.layer === layer);
  };
  const prefers = (spatialLayer: number) => bob.meeting.preferLayers(ada.id, 'camera', { spatialLayer });

  it('rest at the sender while nobody takes them, and are back when somebody does', TIMEOUT, async (test) => {
    await receives(2);
    await prefers(0);
    await receives(0);
    await eventually('the upper layers rest', () => sentLayers.slice(-150).every((layer) => layer === 0));
    const fresh = new MeasuredStream(ada, bob, 'camera');
    await eventually('the lowest goes on', () => fresh.arrivals.layer === 0);
    const startMs = systemClock.nowMs();
    const sentBefore = sentLayers.length;
    await prefers(2);
    await receives(2);
    const tookMs = Math.round(systemClock.nowMs() - startMs);
    test.diagnostic(`a layer that rested was seen again after ${tookMs} ms`);
    const sent = sentLayers.slice(sentBefore).filter((layer) => layer === 2).length;
    assert.ok(sent < MAX_MISSED_FRAMES, `${sent} frames of it were sent before one was opened`);
  });
});
