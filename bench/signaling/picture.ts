import { curvesPanel } from '../plot/curves.ts';
import { drawing } from '../plot/svg.ts';
import { summarize } from '../stats.ts';
import type { Climb } from './ladder.ts';
import { ARM_NAMES, type Arm, type Climbs, latenciesByRate, TRIAL_ARMS, type Trial } from './results.ts';

/** Told apart by most eyes that see fewer colours (Okabe and Ito). */
const COLOURS: Readonly<Record<Arm, string>> = { certificate: '#0072b2', bare: '#d55e00' };
const WIDTH = 540;
const HEIGHT = 380;

const PANELS = [
  { trial: 'joins', title: 'Until one is in the meeting: p50, stroke to p99', x: 'joins planned per second' },
  {
    trial: 'events',
    title: 'Until all have heard who leaves, of 500: p50, stroke to p99',
    x: 'events planned per second',
  },
] as const satisfies readonly { readonly trial: Trial; readonly title: string; readonly x: string }[];

const curveOf = (arm: Arm, climbs: readonly Climb[]) => ({
  name: ARM_NAMES[arm],
  colour: COLOURS[arm],
  points: latenciesByRate(climbs).flatMap(({ rate, latenciesMs }) => {
    const summary = summarize(latenciesMs);
    return summary === undefined
      ? []
      : [{ x: rate, low: summary.p50, middle: summary.p50, high: summary.p99 }];
  }),
});

/** Latency over the planned rate, up to the knee of each. */
export const pictureOf = (climbs: Climbs): string =>
  drawing(
    2 * WIDTH,
    HEIGHT,
    PANELS.flatMap(({ trial, title, x }, i) =>
      curvesPanel(
        { x: i * WIDTH, y: 0, width: WIDTH, height: HEIGHT },
        {
          title,
          xMeasure: x,
          yMeasure: 'ms',
          xText: String,
          curves: TRIAL_ARMS[trial].map((arm) => curveOf(arm, climbs[trial][arm])),
        },
      ),
    ),
  );
