import { ok, refuse } from '../../../../base/result.ts';
import { offeredCapabilities, ROUTER_CODECS } from '../codecs.ts';
import type { Host } from '../live.ts';
import { DONE, type Handler, inUse, isInVain, tooLate } from './context.ts';

export const openRouter: Handler<'open-router'> = async ({ registry, pool }, { room: id }, attempt) => {
  if (registry.room(id)) return inUse('room');
  const host = await pool.choose(() => attempt.late);
  if (!host) return refuse('media.unavailable', 'no media worker is alive');
  const router = await reserve(host, () => host.process.worker.createRouter({ mediaCodecs: ROUTER_CODECS }));
  if (isInVain(attempt, router)) return tooLate();
  registry.addRoom({ id, host, router, children: new Set(), witness: undefined });
  return ok({
    kind: 'router',
    worker: host.id,
    rtpCapabilities: offeredCapabilities(router.rtpCapabilities),
  });
};

export const closeRouter: Handler<'close-router'> = async ({ registry }, { room: id }) => {
  const room = registry.room(id);
  if (!room) return DONE;
  registry.removeRoom(room);
  room.router.close();
  return DONE;
};

async function reserve<T>(host: Host, open: () => Promise<T>): Promise<T> {
  host.opening += 1;
  try {
    return await open();
  } finally {
    host.opening -= 1;
  }
}
