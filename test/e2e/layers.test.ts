import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type Belfry, startBelfry } from '../../src/app/start.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { secureRandomBytes, systemClock } from '../../src/base/platform.ts';
import { loadShippedClips } from '../../src/client/clips/files.ts';
import { openWebSocket } from '../../src/client/connection/web-socket.ts';
import type { MeetingLink } from '../../src/client/link.ts';
import { Headless } from '../../src/client/selfcheck/headless.ts';
import { MeasuredStream } from '../../src/client/selfcheck/measured-stream.ts';
import type { SentFrame } from '../../src/client/werift/media.ts';
import { newMeetingSecret } from '../../src/e2ee/psk/secret.ts';
import { workerBin } from '../native/worker-bin.ts';

const LIMIT_MS = 30_000;
const TIMEOUT = { timeout: 3 * LIMIT_MS };

const until = async (what: string, holds: () => boolean): Promise<void> => {
  for (const startMs = systemClock.nowMs(); !holds(); await wait(10))
    assert(systemClock.nowMs() - startMs < LIMIT_MS, `it never came that ${what}`);
};

describe('layers of a camera at a real relay', () => {
  let belfry: Belfry;
  let ada: Headless;
  let bob: Headless;
  /** Of each frame that left Ada, in order. */
  const sentLayers: number[] = [];

  before(async () => {
    const addresses = { host: '127.0.0.1', metricsHost: '127.0.0.1', mediaAddresses: ['127.0.0.1'] };
    const ports = { port: 0, metricsPort: 0, mediaPort: 0 };
    const rest = { mediaDscp: 0, workers: 1, workerBin, logLevel: 'info', lan: false } as const;
    const names = { announce: [], publicName: undefined, stateDir: tmpdir() };
    belfry = await startBelfry({ ...addresses, ...ports, ...rest, ...names }, silentLogger);
    const meeting = belfry.createMeeting();
    const link = {
      origin: `http://${belfry.signaling.host}:${belfry.signaling.port}`,
      meeting,
      token: belfry.invite(meeting, 600_000),
      secret: newMeetingSecret(secureRandomBytes),
    };
    ada = await join(link, 'Ada');
    bob = await join(link, 'Bob');
    const onSent = (frame: SentFrame) => {
      sentLayers.push(frame.layer);
      ada.sent.add(frame);
    };
    const { camera } = await loadShippedClips();
    assert((await ada.meeting.produce('camera', { layers: camera, onSent })).ok);
  });
  after(async () => {
    await Promise.all([ada, bob].map(({ meeting }) => meeting.leave()));
    await belfry.stop();
  });

  const join = async (link: MeetingLink, name: string) =>
    Headless.join({
      link,
      name,
      clips: await loadShippedClips(),
      openSocket: openWebSocket,
      clock: systemClock,
      randomBytes: secureRandomBytes,
      logger: silentLogger,
      onFault: assert.fail,
    });
  const receives = (layer: number) => {
    const fresh = new MeasuredStream(ada, bob, 'camera');
    return until(`Bob opens layer ${layer}`, () => fresh.arrivals.layer === layer);
  };
  const prefers = (spatialLayer: number) => bob.meeting.preferLayers(ada.id, 'camera', { spatialLayer });

  it('rest at the sender while nobody takes them, and are back when somebody does', TIMEOUT, async (test) => {
    await receives(2);
    await prefers(0);
    await receives(0);
    await until('the upper layers rest', () => sentLayers.slice(-150).every((layer) => layer === 0));
    const fresh = new MeasuredStream(ada, bob, 'camera');
    await until('the lowest goes on', () => fresh.arrivals.layer === 0);
    const startMs = systemClock.nowMs();
    await prefers(2);
    await receives(2);
    test.diagnostic(
      `a layer that rested was seen again after ${Math.round(systemClock.nowMs() - startMs)} ms`,
    );
  });
});
