import { randomBytes } from 'node:crypto';
import { createBridge } from '../../src/app/bridge.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { createRooms } from '../../src/sfu/room/rooms.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { describeMediaPlane } from './media-plane.ts';

describeMediaPlane('rooms on the fake engine', async () => {
  const engine = new FakeEngine({ workers: 1 });
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
