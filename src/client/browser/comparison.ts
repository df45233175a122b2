import { mediaKindOf, type Source } from '../../base/media.ts';
import type { TransformLink } from './link.ts';
import type { Sending } from './session.ts';
import { readOutbound } from './stats.ts';

type Live = readonly [Source, Sending];

/**
 * One look at everything that is sent: which of it leaves without having been sealed. The browser's statistics are read
 * before the worker's counts, so that what left was counted there before.
 */
export const findBypassed = async (link: TransformLink, live: readonly Live[]): Promise<readonly Live[]> => {
  const left = await Promise.all(live.map(readLeft));
  const counts = await link.count();
  if (counts === undefined) return [];
  return live.filter(([, { stream, watch }], i) => {
    const read = left[i];
    const { passed = 0, refused = 0 } = counts.get(stream) ?? {};
    return read !== undefined && watch.isBypassed({ ...read, sealed: passed, seen: passed + refused });
  });
};

/** `undefined` where nothing may be concluded: not live, or paused. */
const readLeft = async ([source, { producer }]: Live) => {
  if (producer === undefined || producer.closed || producer.paused) return undefined;
  try {
    return readOutbound((await producer.getStats()).values(), mediaKindOf(source));
  } catch {
    return undefined;
  }
};
