import type { Counts } from '../crew/messages.ts';
import type { Way } from '../impair/lanes.ts';
import type { LoadRecord } from '../result.ts';
import { sumCounts } from '../verdict/merged.ts';

const percent = (part: number, whole: number): number | null =>
  whole <= 0 ? null : (100 * Math.max(0, part)) / whole;

/** Packets that did not come at the first try, of video and of what is counted only. */
export const lossBefore = (counts: Counts): number | null => {
  const missing = counts.videoRecovered + counts.videoLost + counts.countedMissing;
  return percent(missing, counts.videoPackets + counts.countedPackets + missing);
};

/** Packets that never came, of what is opened. */
export const lossAfter = (counts: Counts): number | null => {
  const lost = counts.videoLost + counts.audioLost;
  return percent(lost, counts.videoPackets + counts.videoRecovered + counts.audioPackets + lost);
};

/** Of streams that were to flow, those of which nothing came for a second. */
export const stopped = ({ looks, looksStopped }: Counts): number | null => percent(looksStopped, looks);

/**
 * A stretch of time under one impairment: what the paths did one way. Receivers see what is done on the way down to them; what is
 * lost on the way up is asked for by the relay.
 */
export interface Stretch {
  readonly fromSecond: number;
  readonly way: Way;
  readonly packets: number;
  readonly lostPercent: number | null;
  readonly overflowed: number;
  readonly unheld: number;
  readonly seenBeforePercent: number | null;
  readonly seenAfterPercent: number | null;
}

export const stretchesOf = (
  { paths, timeline }: Pick<LoadRecord, 'paths' | 'timeline'>,
  way: Way = 'down',
): Stretch[] =>
  paths.map(({ fromSecond, [way]: lane }, i) => {
    const untilSecond = paths[i + 1]?.fromSecond ?? Number.POSITIVE_INFINITY;
    const inside = timeline.filter(({ second }) => second >= fromSecond && second < untilSecond);
    const counts = sumCounts(inside.map(({ added }) => added));
    const seen = (of: (some: Counts) => number | null) => (way === 'down' ? of(counts) : null);
    return {
      fromSecond,
      way,
      packets: lane.packets,
      lostPercent: percent(lane.lost, lane.packets),
      overflowed: lane.overflowed,
      unheld: lane.unheld,
      seenBeforePercent: seen(lossBefore),
      seenAfterPercent: seen(lossAfter),
    };
  });
