import type { BenchResult, Row } from './result.ts';

/** Enough digits to compare, few enough to read. */
const figure = (value: number): string =>
  Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));

const FIGURES = ['min', 'p50', 'p95', 'p99', 'max'] as const;
const HEADINGS = ['case', 'measure', 'unit', 'n', ...FIGURES, 'ratio', 'against'];
const TEXT_COLUMNS: readonly number[] = [0, 1, 2, HEADINGS.length - 1];

const cellsOf = (row: Row): string[] => [
  row.case,
  row.measure,
  row.unit,
  String(row.n),
  ...FIGURES.map((name) => figure(row[name])),
  row.ratio === null ? '' : row.ratio.toFixed(2),
  row.against ?? '',
];

/** The rows as text, columns aligned: words to the left, figures to the right. */
const tableOf = (rows: readonly Row[]): string => {
  const lines = [HEADINGS, ...rows.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const pad = (text: string, column: number): string => {
    const width = widths[column] ?? 0;
    return TEXT_COLUMNS.includes(column) ? text.padEnd(width) : text.padStart(width);
  };
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
};

/** What a person reads of a run. */
export const describeResult = (result: BenchResult): string => {
  const { machine } = result;
  const memoryGib = (machine.memoryBytes / 2 ** 30).toFixed(1);
  return [
    `${result.name} at ${result.commit}, seed ${result.seed}`,
    `${machine.cpu}, ${machine.cores} cores, ${memoryGib} GiB, ${machine.kernel}, Node ${machine.node}`,
    '',
    tableOf(result.rows),
    '',
    result.valid ? 'valid' : `NOT VALID: ${result.why}`,
  ].join('\n');
};
