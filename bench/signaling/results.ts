import type { Series } from '../rows.ts';
import { summarize } from '../stats.ts';
import type { Step } from './arrivals.ts';
import { type Climb, isHeld } from './ladder.ts';

/** What climbs the ladder in each trial. */
export const TRIAL_ARMS = {
  joins: ['certificate', 'bare'],
  events: ['certificate', 'bare'],
} as const;
export type Trial = keyof typeof TRIAL_ARMS;
export type Arm = (typeof TRIAL_ARMS)['joins'][number];
/** One climb a round. */
export type Climbs = { readonly [T in Trial]: { readonly [A in Arm]: Climb[] } };
export const newClimbs = (): Climbs => ({
  joins: { certificate: [], bare: [] },
  events: { certificate: [], bare: [] },
});

export const ARM_NAMES: Readonly<Record<Arm, string>> = {
  certificate: 'Belfry',
  bare: 'bare ws',
};
const TRIALS = {
  joins: {
    knee: 'joins per second held',
    latency: 'in the meeting, since the planned moment',
    unit: 'joins/s',
  },
  events: {
    knee: 'events per second held',
    latency: 'heard by all who stay, since the planned moment',
    unit: 'events/s',
  },
} as const satisfies Record<Trial, object>;
const NAMES = Object.keys(TRIALS) as Trial[];

const ratesOf = (climbs: readonly Climb[]): number[] =>
  [...new Set(climbs.flatMap(({ steps }) => steps.map(({ ratePerSecond }) => ratePerSecond)))].sort(
    (a, b) => a - b,
  );

/** Of the steps that held: what is overloaded has no latency, only a queue. */
export const heldAt = (climbs: readonly Climb[], rate: number): Step[] =>
  climbs.flatMap(({ steps }) => steps.filter((step) => step.ratePerSecond === rate && isHeld(step)));

export interface RateLatencies {
  readonly rate: number;
  readonly latenciesMs: readonly number[];
}

export const latenciesByRate = (climbs: readonly Climb[]): RateLatencies[] =>
  ratesOf(climbs)
    .map((rate) => ({ rate, latenciesMs: heldAt(climbs, rate).flatMap((step) => step.latenciesMs) }))
    .filter(({ latenciesMs }) => latenciesMs.length > 0);

const seriesOfArm = (trial: Trial, arm: Arm, climbs: readonly Climb[]): Series[] => {
  const { knee, latency, unit } = TRIALS[trial];
  const against = (text: string) => (arm === 'bare' ? {} : { against: text });
  const at = (name: string, rate: number) => `${name}, ${rate} ${unit}`;
  return [
    {
      case: ARM_NAMES[arm],
      measure: knee,
      unit: '1/s',
      samples: climbs.map(({ kneePerSecond }) => kneePerSecond),
      ...against(ARM_NAMES.bare),
    },
    ...latenciesByRate(climbs).map(({ rate, latenciesMs }) => ({
      case: at(ARM_NAMES[arm], rate),
      measure: latency,
      unit: 'ms',
      samples: latenciesMs,
      ...against(at(ARM_NAMES.bare, rate)),
    })),
  ];
};

export const seriesOf = (climbs: Climbs): Series[] =>
  NAMES.flatMap((trial) => TRIAL_ARMS[trial].flatMap((arm) => seriesOfArm(trial, arm, climbs[trial][arm])));

/** Where the generator was what ended a climb of the relay, the knee is the generator's. */
export const faultsOf = (climbs: Climbs): string[] =>
  NAMES.flatMap((trial) => {
    const limited = climbs[trial].certificate.filter(({ limit }) => limit === 'generator').length;
    return limited === 0 ? [] : [`${trial}: the generator was the limit in ${limited} climbs of the relay`];
  });

export const notesOf = (climbs: Climbs): string[] =>
  NAMES.map((trial) => {
    const knees = TRIAL_ARMS[trial].map((arm) => {
      const found = climbs[trial][arm];
      const summary = summarize(found.map(({ kneePerSecond }) => kneePerSecond));
      const isTop = found.some(({ limit }) => limit === 'top') ? ' or more' : '';
      return `${ARM_NAMES[arm]} ${summary?.p50} (${summary?.min} to ${summary?.max}${isTop})`;
    });
    return `${TRIALS[trial].knee}: ${knees.join(', ')}`;
  });
