import assert from 'node:assert/strict';
import { after } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { asId, type RoomId } from '../../src/base/ids.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { Source } from '../../src/base/media.ts';
import { secureRandomBytes, systemClock } from '../../src/base/platform.ts';
import { loadShippedClips } from '../../src/client/clips/files.ts';
import { createWeriftMedia } from '../../src/client/werift/adapter.ts';
import type { EncodedInput, ReceivedStream } from '../../src/client/werift/media.ts';
import { createFrameKeys } from '../../src/e2ee/keys/store.ts';
import { nodeDriver } from '../../src/e2ee/sframe/node.ts';
import { describeMediaPort, type MediaPortRig } from '../contract/media-port.ts';
import { openEngineRig } from '../support/engine-rig.ts';
import { onceOnly } from '../support/nonce-recorder.ts';
import { startEngine } from './engine-support.ts';

const FLOW_WITHIN_MS = 20_000;

const engine = await startEngine();
const clips = await loadShippedClips();
after(() => engine.close());

const layersOf = (source: Source) => (source === 'camera' ? clips.camera : clips.microphone);

const CLIENT: Omit<
  MediaPortRig<EncodedInput, ReceivedStream>,
  keyof Awaited<ReturnType<typeof openEngineRig>>
> = {
  newPort(number) {
    const frameKeys = createFrameKeys({ driver: onceOnly(nodeDriver) });
    frameKeys.useOwnKey(number, new Uint8Array(32).fill(number));
    for (let other = 1; other <= 4; other++) frameKeys.addSender(other, new Uint8Array(32).fill(other));
    const parts = { clock: systemClock, logger: silentLogger, randomBytes: secureRandomBytes };
    return createWeriftMedia({ frameKeys, ...parts });
  },
  inputOf: (source) => ({ layers: layersOf(source) }),
  layersOf: (source) => layersOf(source).length,
  framesOf: (stream) => stream.counters().framesOpened,
  async flowUntil(what, holds) {
    for (const startMs = systemClock.nowMs(); !holds(); await wait(10))
      assert(systemClock.nowMs() - startMs < FLOW_WITHIN_MS, `it never came that ${what}`);
  },
};

let rooms = 0;
describeMediaPort('werift through a real worker', async () => {
  const { close, ...relay } = await openEngineRig(engine, asId<RoomId>(`room-${++rooms}`));
  return { rig: { ...relay, ...CLIENT }, close };
});
