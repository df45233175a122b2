import { randomBytes } from 'node:crypto';
import { createBridge } from '../../src/app/bridge.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { createRooms } from '../../src/sfu/room/rooms.ts';
import { describeMediaPlane } from '../contract/media-plane.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { startEngine } from './engine-support.ts';

describeMediaPlane('rooms on mediasoup', async () => {
  const engine = await startEngine({ workers: 1 });
  const rooms = createRooms({
    engine,
    clock: new FakeClock(),
    randomBytes: (size) => new Uint8Array(randomBytes(size)),
    logger: silentLogger,
  });
  return {
    plane: createBridge(rooms),
    async close() {
      rooms.close();
      await engine.close();
    },
  };
});
