import type { Row } from './result.ts';
import { summarize } from './stats.ts';

export interface Series {
  readonly case: string;
  readonly measure: string;
  readonly unit: string;
  readonly samples: readonly number[];
  readonly against?: string;
}

const ratioTo = (p50: number, series: Series, all: readonly Series[]): number | null => {
  const base = all.find((one) => one.case === series.against && one.measure === series.measure);
  const basis = base && summarize(base.samples);
  return basis === undefined || basis.p50 === 0 ? null : p50 / basis.p50;
};

/** One row per series that has samples. */
export const rowsOf = (all: readonly Series[]): Row[] =>
  all.flatMap((series) => {
    const summary = summarize(series.samples);
    if (summary === undefined) return [];
    const { case: name, measure, unit } = series;
    const ratio = ratioTo(summary.p50, series, all);
    return [
      {
        case: name,
        measure,
        unit,
        ...summary,
        against: ratio === null ? null : (series.against ?? null),
        ratio,
      },
    ];
  });
