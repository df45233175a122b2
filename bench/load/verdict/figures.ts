import { type Summary, summarize } from '../../stats.ts';
import type { Measure, StreamRecord } from '../crew/messages.ts';
import type { RunRecord } from '../run/run.ts';
import type { Criterion, FigureName } from '../scenario/schema.ts';
import { durationsOf, sumCounts } from './merged.ts';

const MS_PER_MINUTE = 60_000;

/** One figure of a run: spread over what it was measured of, and of all together. Absent is not measured. */
export interface Figure {
  readonly spread?: Summary | undefined;
  readonly total?: number | undefined;
}
export type Figures = { readonly [F in FigureName]: Figure };

const total = (value: number | undefined): Figure => ({ total: value });

/** Of each stream that has some, and of all together. */
const shareOf = (
  streams: readonly StreamRecord[],
  part: (stream: StreamRecord) => number,
  whole: (stream: StreamRecord) => number,
  scale: number,
): Figure => {
  const counted = streams.filter((stream) => whole(stream) > 0);
  const sum = (of: (stream: StreamRecord) => number) => counted.reduce((all, stream) => all + of(stream), 0);
  return {
    spread: summarize(counted.map((stream) => (scale * part(stream)) / whole(stream))),
    total: counted.length === 0 ? undefined : (scale * sum(part)) / sum(whole),
  };
};

/** Sound that is sent again looks like sound that came late: what was missing at first is known of video, and of what is counted only. */
const showsFirstTry = ({ kind, opened }: StreamRecord): boolean => kind === 'video' || !opened;

export const figuresOf = ({ crews }: RunRecord): Figures => {
  const seconds = crews.flatMap((crew) => crew.seconds);
  const streams = crews.flatMap((crew) => crew.streams);
  const counts = sumCounts(seconds.map(({ added }) => added));
  const opened = streams.filter((stream) => stream.opened);
  const pictures = opened.filter(({ kind }) => kind === 'video');
  const spread = (measure: Measure): Figure => ({ spread: durationsOf(seconds, measure).summary() });
  return {
    'join-ms': spread('join'),
    'first-frame-ms': spread('first-frame'),
    'newcomer-heard-ms': spread('newcomer-heard'),
    'media-back-ms': spread('media-back'),
    'one-way-video-ms': spread('one-way-video'),
    'one-way-audio-ms': spread('one-way-audio'),
    'freezes-per-minute': shareOf(
      pictures,
      ({ freezes }) => freezes,
      ({ watchedMs }) => watchedMs,
      MS_PER_MINUTE,
    ),
    'frozen-percent': shareOf(
      pictures,
      ({ frozenMs }) => frozenMs,
      ({ watchedMs }) => watchedMs,
      100,
    ),
    'stopped-percent': shareOf(
      streams,
      ({ looksStopped }) => looksStopped,
      ({ looks }) => looks,
      100,
    ),
    'loss-before-percent': shareOf(
      streams.filter(showsFirstTry),
      ({ packetsMissing }) => packetsMissing,
      ({ packetsExpected }) => packetsExpected,
      100,
    ),
    'loss-after-percent': shareOf(
      opened,
      ({ packetsLost }) => packetsLost,
      ({ packetsExpected }) => packetsExpected,
      100,
    ),
    'frames-lost-percent': shareOf(
      opened,
      ({ framesExpected, framesArrived }) => framesExpected - framesArrived,
      ({ framesExpected }) => framesExpected,
      100,
    ),
    'failed-joins': total(counts.failed),
    'unfinished-joins': total(counts.unfinished),
    retries: total(counts.retries),
    'fell-out': total(counts.fellOut),
    'frames-refused': total(counts.framesRefused - counts.framesBefore - counts.framesOwnLate),
  };
};

/** One criterion of the scenario, held against what was measured. */
export interface Judged {
  readonly criterion: Criterion;
  readonly value: number | undefined;
  readonly passed: boolean;
}

const valueAt = ({ spread, total: whole }: Figure, at: Criterion['at']): number | undefined =>
  at === 'total' ? whole : spread?.[at];

/** What was not measured has not passed. */
export const judged = (figures: Figures, criteria: readonly Criterion[]): Judged[] =>
  criteria.map((criterion) => {
    const { figure, at, most = Number.POSITIVE_INFINITY, least = Number.NEGATIVE_INFINITY } = criterion;
    const value = valueAt(figures[figure], at);
    return { criterion, value, passed: value !== undefined && value <= most && value >= least };
  });
