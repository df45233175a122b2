import { curvesPanel } from '../plot/curves.ts';
import { legend, type Place } from '../plot/panel.ts';
import { stripsPanel } from '../plot/strips.ts';
import { drawing } from '../plot/svg.ts';
import { summarize } from '../stats.ts';
import { ARM_COLOURS, armsPanel } from './arms.ts';
import { sizeLabel } from './costs.ts';
import { MEASURES } from './freezes.ts';
import { joinSteps } from './joins.ts';
import type { CostSamples, CostSubject, JoinTimes } from './page/api.ts';
import type { Freezes } from './pairs.ts';

/** Told apart by most eyes that see fewer colours (Okabe and Ito). */
const COLOURS = { ...ARM_COLOURS, open: '#009e73', neutral: '#777777' } as const;

const WIDTH = 1_080;
const ROW_HEIGHT = 360;
const PLACES = {
  costs: { x: 0, y: 0, width: 560, height: ROW_HEIGHT },
  joins: { x: 560, y: 0, width: 520, height: ROW_HEIGHT },
  freezes: { x: 0, y: ROW_HEIGHT, width: 360, height: ROW_HEIGHT },
  frozen: { x: 360, y: ROW_HEIGHT, width: 360, height: ROW_HEIGHT },
  concealed: { x: 720, y: ROW_HEIGHT, width: 360, height: ROW_HEIGHT },
} as const satisfies Readonly<Record<string, Place>>;
const LEGEND_HEIGHT = 34;

const CURVES = [
  { subject: 'seal', colour: COLOURS.sealed },
  { subject: 'open', colour: COLOURS.open },
  { subject: 'bare', colour: COLOURS.unsealed },
] as const satisfies readonly { readonly subject: CostSubject; readonly colour: string }[];

const curveOf = (costs: readonly CostSamples[], subject: CostSubject) =>
  costs
    .filter((one) => one.subject === subject)
    .flatMap(({ size, samplesUs }) => {
      const summary = summarize(samplesUs);
      return summary === undefined
        ? []
        : [{ x: size, low: summary.min, middle: summary.p50, high: summary.p95 }];
    });

const costPanel = (costs: readonly CostSamples[]): string[] =>
  curvesPanel(PLACES.costs, {
    title: 'Time per frame in the worker: min, p50 and p95',
    xMeasure: 'frame',
    yMeasure: 'us',
    xText: sizeLabel,
    curves: CURVES.map(({ subject, colour }) => ({
      name: subject === 'bare' ? 'crypto.subtle.encrypt alone' : subject,
      colour,
      points: curveOf(costs, subject),
    })),
  });

const joinPanel = (joins: readonly JoinTimes[]): string[] =>
  stripsPanel(PLACES.joins, {
    title: `From the call of join, ${joins.length} joins: dots, and their p50`,
    measure: 'ms',
    isCount: false,
    paired: false,
    strips: joinSteps(joins).map(({ name, samples }) => ({
      name,
      colour: COLOURS.neutral,
      samples,
      middle: summarize(samples)?.p50 ?? 0,
    })),
  });

const PANELS = [
  { key: 'freezes', title: 'Freezes in a round' },
  { key: 'frozen', title: 'Frozen time in a round' },
  { key: 'concealed', title: 'Sound made up for what was lost' },
] as const;

const freezePanels = (freezes: Freezes): string[] =>
  PANELS.flatMap(({ key, title }) => armsPanel(PLACES[key], title, freezes, MEASURES[key]));

export interface Picture {
  readonly costs: readonly CostSamples[];
  readonly joins: readonly JoinTimes[];
  readonly freezes: Freezes;
}

/** The whole run on one page. */
export const pictureOf = ({ costs, joins, freezes }: Picture): string => {
  const y = 2 * ROW_HEIGHT + 12;
  const words = [
    { at: 60, text: 'sealed', colour: COLOURS.sealed },
    {
      at: 150,
      text: 'unsealed; 5 % of packets lost in bursts; a grey line joins the rounds of one pair',
      colour: COLOURS.unsealed,
    },
    { at: 700, text: 'bar: the mean', colour: '#222222' },
  ];
  return drawing(WIDTH, 2 * ROW_HEIGHT + LEGEND_HEIGHT, [
    ...costPanel(costs),
    ...joinPanel(joins),
    ...(freezes.pairs.length === 0 ? [] : freezePanels(freezes)),
    ...words.flatMap(({ at, text, colour }) => legend({ x: at, y }, [{ text, colour }])),
  ]);
};
