import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Row } from '../../result.ts';
import type { LoadResult } from '../result.ts';
import { KEYS_NOTES } from '../verdict/keys-note.ts';
import { chartsOf } from './charts.ts';
import { stretchesOf } from './stretches.ts';

const UPLOT = join(dirname(createRequire(import.meta.url).resolve('uplot/package.json')), 'dist');
const PAGE = join(import.meta.dirname, 'page');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);

/** JSON inside a script element: nothing in it may end the element. */
const inScript = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

const figure = (value: number | null | undefined): string => {
  if (value === null || value === undefined) return '–';
  return Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
};

type Cell = string | number | null;
const cell = (value: Cell): string =>
  typeof value === 'string' ? `<td>${escaped(value)}</td>` : `<td class="number">${figure(value)}</td>`;

const table = (headings: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  `<table><thead><tr>${headings.map((text) => `<th>${escaped(text)}</th>`).join('')}</tr></thead><tbody>${rows
    .map((cells) => `<tr>${cells.map(cell).join('')}</tr>`)
    .join('\n')}</tbody></table>`;

/** What the run says first: whether it may be quoted, and only then whether it passed. */
export const headlineOf = ({
  valid,
  why,
  load,
}: LoadResult): { readonly word: string; readonly text: string } => {
  if (!valid) return { word: 'INVALID', text: why ?? '' };
  if (load.passed) return { word: 'PASSED', text: 'every criterion of the scenario is met' };
  const failed = load.criteria.filter(({ passed }) => !passed);
  return { word: 'FAILED', text: failed.map(criterionText).join('; ') };
};

type Criterion = LoadResult['load']['criteria'][number];
export const criterionText = ({ figure: name, at, most, least, value }: Criterion): string => {
  const bounds = [
    most === null ? '' : `at most ${figure(most)}`,
    least === null ? '' : `at least ${figure(least)}`,
  ];
  return `${name} ${at}: ${value === null ? 'not measured' : figure(value)}, ${bounds.filter(Boolean).join(', ')}`;
};

/** Where the generator was the limit nobody knows. */
const wordOf = (valid: boolean, passed: boolean): string => {
  if (!valid) return 'not judged';
  return passed ? 'met' : 'NOT MET';
};

const criteriaTable = ({ valid, load }: LoadResult): string =>
  table(
    ['criterion', 'of', 'measured', 'at most', 'at least', ''],
    load.criteria.map(({ figure: name, at, value, most, least, passed }) => [
      name,
      at,
      value,
      most,
      least,
      wordOf(valid, passed),
    ]),
  );

const checksTable = ({ load }: LoadResult): string =>
  table(
    ['the generator', 'worst', 'at most', 'unit', ''],
    load.checks.map(({ name, value, most, unit, holds }) => [
      name,
      value,
      most,
      unit,
      holds ? 'in time' : 'TOO SLOW',
    ]),
  );

const rowsTable = (rows: readonly Row[]): string =>
  table(
    ['case', 'measure', 'unit', 'n', 'min', 'p50', 'p95', 'p99', 'max'],
    rows.map(({ case: name, measure, unit, n, min, p50, p95, p99, max }) => [
      name,
      measure,
      unit,
      n,
      min,
      p50,
      p95,
      p99,
      max,
    ]),
  );

/** What the paths lost, beside what the receivers saw of it. */
const pathsTable = ({ load }: LoadResult): string =>
  load.paths.length === 0
    ? ''
    : `<h2>What the paths did, and what receivers saw of it</h2>${table(
        [
          'from second',
          'way',
          'packets',
          'lost, %',
          'did not fit',
          'not held',
          'seen missing at first, %',
          'seen missing for good, %',
        ],
        (['up', 'down'] as const)
          .flatMap((way) => stretchesOf(load, way))
          .map((one) => [
            one.fromSecond,
            one.way,
            one.packets,
            one.lostPercent,
            one.overflowed,
            one.unheld,
            one.seenBeforePercent,
            one.seenAfterPercent,
          ]),
      )}`;

const COUNTED = [
  ['visits begun', 'began'],
  ['joined', 'joined'],
  ['failed', 'failed'],
  ['not in by their end', 'unfinished'],
  ['tried again', 'retries'],
  ['fell out', 'fellOut'],
  ['sources that their sender stopped', 'sourcesStopped'],
  ['connections resumed', 'reconnects'],
  ['sessions lost', 'rejoins'],
  ['pictures stood still, ms', 'frozenMs'],
  ['of that, while the relay sent no layer of them', 'frozenUnsentMs'],
  ['frames sent', 'framesSent'],
  ['frames opened', 'framesOpened'],
  ['frames refused', 'framesRefused'],
  ['of them, of an epoch before their receiver came', 'framesBefore'],
  ['of them, for a key that the generator had late', 'framesOwnLate'],
  ['packets of video', 'videoPackets'],
  ['packets of video that came again', 'videoRecovered'],
  ['packets of sound', 'audioPackets'],
  ['packets only counted', 'countedPackets'],
  ['packets that ghosts left to the kernel', 'ghostDrops'],
] as const;

const countsTable = ({ load }: LoadResult): string =>
  table(
    ['counted', ''],
    [
      ...COUNTED.map(([words, name]): [string, number] => [words, load.counts[name]]),
      ...Object.entries(load.codes).map(([code, count]): [string, number] => [
        `refused or ended: ${code}`,
        count,
      ]),
      ...Object.entries(load.refusedFrames).map(([code, count]): [string, number] => [
        `frames refused: ${code}`,
        count,
      ]),
    ],
  );

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

const facts = ({ machine, commit, seed, date, load }: LoadResult): string => {
  const { server, form, people, processes, lastedSeconds } = load;
  const memoryGib = (machine.memoryBytes / 2 ** 30).toFixed(1);
  return [
    `${date}, commit ${commit}, seed ${seed}, form ${form}, ${lastedSeconds.toFixed(0)} s`,
    `${people.full} full, ${people.light} light, ${people.ghost} ghosts in ${processes} processes; ${load.visits} visits; ${KEYS_NOTES[load.scenario.keys]}`,
    `${server.kind === 'own' ? `a relay of its own with ${counted(server.workers ?? 0, 'media worker')}` : 'a given relay'}${server.share < 1 ? `, scaled: each worker held to ${server.share} of a core` : ''}`,
    `${machine.cpu}, ${machine.cores} cores, ${memoryGib} GiB, ${machine.kernel}`,
    Object.entries(load.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  ]
    .map((text) => `<p class="fact">${escaped(text)}</p>`)
    .join('\n');
};

/** One page that needs nothing but itself: it opens from a file, without a network. */
export const reportHtml = (result: LoadResult): string => {
  const read = (folder: string, file: string) => readFileSync(join(folder, file), 'utf8');
  const { word, text } = headlineOf(result);
  const { scenario, notes } = result.load;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(`belfry load ${scenario.name}: ${word}`)}</title>
<style>${read(UPLOT, 'uPlot.min.css')}
${read(PAGE, 'page.css')}</style>
</head>
<body>
<h1>belfry load ${escaped(scenario.name)}</h1>
<p class="about">${escaped(scenario.about)}</p>
<p class="verdict ${word.toLowerCase()}"><strong>${word}</strong> ${escaped(text)}</p>
${facts(result)}
<h2>What counts as passed</h2>
${criteriaTable(result)}
<h2>Whether the generator kept time</h2>
${checksTable(result)}
<h2>Over time</h2>
<div id="charts"></div>
${pathsTable(result)}
<h2>Figures</h2>
${rowsTable(result.rows)}
<h2>Counts</h2>
${countsTable(result)}
<h2>Notes</h2>
<ul>${notes.map((note) => `<li>${escaped(note)}</li>`).join('')}</ul>
<script>${read(UPLOT, 'uPlot.iife.min.js')}</script>
<script type="application/json" id="data">${inScript(chartsOf(result))}</script>
<script>${read(PAGE, 'draw.js')}</script>
</body>
</html>
`;
};
