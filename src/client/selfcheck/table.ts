import type { Suite } from '../../trust/charter/charter.ts';
import { changeLines } from './changes.ts';
import type { Report, StreamReport, Witness } from './report.ts';

const HEADER = [
  'receiver',
  'sender',
  'media',
  'sent',
  'opened',
  'share',
  'differ',
  'refused',
  'lost',
  'layer',
];
const LEFT_COLUMNS = 3;

/** What a person reads: one row for each source of each sender at each receiver, and what the relay saw. */
export const formatTable = (report: Report, witness: Witness): string => {
  const rows = [HEADER, ...report.streams.map(cellsOf)];
  const widths = HEADER.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, i) => pad(cell, widths[i] ?? 0, i))
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  const changed = report.changes === undefined ? [] : changeLines(report.changes);
  const found = [...refusedLines(report), ...suiteLines(report), sealingLine(report), witnessLine(witness)];
  return [...lines, '', ...found, ...changed].join('\n');
};

const cellsOf = ({
  to,
  from,
  kind,
  sent,
  opened,
  wrong,
  refused,
  broken,
  layers,
}: StreamReport): string[] => [
  to,
  from,
  kind,
  `${sent}`,
  `${opened}`,
  sent === 0 ? '-' : `${((opened / sent) * 100).toFixed(1)} %`,
  `${wrong}`,
  `${refused}`,
  `${broken}`,
  layers === undefined ? '-' : layers.visited.join(' > ') || '?',
];

const pad = (cell: string, width: number, column: number): string =>
  column < LEFT_COLUMNS ? cell.padEnd(width) : cell.padStart(width);

const refusedLines = ({ refusedByCode }: Report): string[] =>
  Object.entries(refusedByCode).map(([code, count]) => `Refused since joining: ${count} frames, ${code}`);

const SUITE_WORDS: Readonly<Record<Suite, string>> = {
  'x-wing': 'X-Wing, X25519 and ML-KEM-768 together',
  x25519: 'X25519 alone',
  'p-384': 'P-384 alone',
};

const suiteLines = ({ suites }: Report): string[] =>
  suites.map((suite) => `Keys were agreed on by ${SUITE_WORDS[suite]}`);

const sealingLine = ({ sealing }: Report): string =>
  `Sealed frames looked at on their way out: ${sealing.reduce((sum, { looked }) => sum + looked, 0)}`;

const witnessLine = (witness: Witness): string =>
  witness === undefined
    ? 'Relay’s view without keys: not asked'
    : `Relay’s view without keys: ${witness.framesSeen} frames seen, ${witness.framesInClear} in clear`;
