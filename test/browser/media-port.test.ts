import assert from 'node:assert/strict';
import { after } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { asId, type ConsumerId, type RoomId } from '../../src/base/ids.ts';
import type { Source } from '../../src/base/media.ts';
import { systemClock } from '../../src/base/platform.ts';
import { VIDEO_PROFILES } from '../../src/client/profiles.ts';
import { describeMediaPort } from '../contract/media-port.ts';
import { startEngine } from '../e2e/engine-support.ts';
import { openEngineRig } from '../support/engine-rig.ts';
import { hasChromium, launchChromium } from './chromium.ts';
import { serveHarness } from './harness-site.ts';
import { RemotePort } from './remote-port.ts';

const FLOW_WITHIN_MS = 40_000;
/** The suite's sender and receiver, each in a page of its own. */
const PORTS = 2;

const layersOf = (source: Source): number =>
  source === 'camera' ? VIDEO_PROFILES.camera.encodings.vp8.length : 1;

const openPorts = async () => {
  const engine = await startEngine();
  const site = await serveHarness('http://127.0.0.1:1');
  const browser = await launchChromium();
  const ports: RemotePort[] = [];
  for (let i = 0; i < PORTS; i++) ports.push(await RemotePort.on((await browser.openPage(site.origin)).page));
  const close = async () => {
    await browser.close();
    await site.close();
    await engine.close();
  };
  return { engine, ports, close };
};

if (hasChromium()) {
  const { engine, ports, close } = await openPorts();
  after(close);
  const holding = (consumer: ConsumerId) =>
    ports.reduce((most, port) => Math.max(most, port.framesOf(consumer)), 0);
  let rooms = 0;
  describeMediaPort('Chromium through a real worker', async () => {
    const { close: closeRoom, ...relay } = await openEngineRig(engine, asId<RoomId>(`room-${++rooms}`));
    const rig = {
      ...relay,
      newPort(number: number) {
        const port = ports[number - 1];
        assert(port !== undefined);
        port.make(number);
        return port;
      },
      inputOf: (source: Source) => source,
      layersOf,
      framesOf: holding,
      async flowUntil(what: string, holds: () => boolean) {
        for (const startMs = systemClock.nowMs(); ; await wait(10)) {
          for (const port of ports) await port.refresh();
          if (holds()) return;
          assert(systemClock.nowMs() - startMs < FLOW_WITHIN_MS, `it never came that ${what}`);
        }
      },
    };
    const closeRig = async () => {
      for (const port of ports) await port.refresh();
      await closeRoom();
    };
    return { rig, close: closeRig };
  });
}
