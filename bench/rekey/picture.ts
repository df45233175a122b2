import { curvesPanel } from '../plot/curves.ts';
import { drawing } from '../plot/svg.ts';
import { summarize } from '../stats.ts';
import type { Change } from './changes.ts';
import type { Case } from './results.ts';
import { SUITE_NAMES, SUITES, type Suite } from './suites.ts';

/** Told apart by most eyes that see fewer colours (Okabe and Ito). */
const COLOURS: Readonly<Record<Suite, string>> = { x25519: '#0072b2', 'x-wing': '#d55e00' };
const WIDTH = 540;
const HEIGHT = 380;

const PANELS = [
  { title: 'Somebody leaves: p50, stroke to p99', of: ({ leaves }: Case) => leaves },
  { title: 'Somebody joins: p50, stroke to p99', of: ({ joins }: Case) => joins },
] as const;

const curveOf = (suite: Suite, cases: readonly Case[], of: (one: Case) => readonly Change[]) => ({
  name: SUITE_NAMES[suite],
  colour: COLOURS[suite],
  points: cases
    .filter((one) => one.suite === suite)
    .flatMap((one) => {
      const summary = summarize(of(one).flatMap(({ pathMs }) => pathMs));
      return summary === undefined
        ? []
        : [{ x: one.size, low: summary.p50, middle: summary.p50, high: summary.p99 }];
    }),
});

/** The critical path over the size of the meeting. */
export const pictureOf = (cases: readonly Case[]): string =>
  drawing(
    PANELS.length * WIDTH,
    HEIGHT,
    PANELS.flatMap(({ title, of }, i) =>
      curvesPanel(
        { x: i * WIDTH, y: 0, width: WIDTH, height: HEIGHT },
        {
          title,
          xMeasure: 'members',
          yMeasure: 'critical path, ms',
          xText: String,
          curves: SUITES.map((suite) => curveOf(suite, cases, of)),
        },
      ),
    ),
  );
