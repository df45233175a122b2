import { z } from 'zod';
import { isPossible, way } from './impairments.ts';

/*
 * A scenario is data: who comes, when, what they send and see, what goes wrong, and what counts as passed.
 * docs/load.md explains every field.
 */

/** More than a generator of this kind can be; a mistyped number must not fill a machine. */
const MAX_PEOPLE = 10_000;
const MAX_SECONDS = 86_400;
const MAX_MEETINGS = 256;
/** Beyond, a list of planned times should be a rate. */
const MAX_PLANNED = 10_000;
const MAX_GROUPS = 16;
const MAX_FAULTS = 64;
const MAX_CRITERIA = 64;

const seconds = z.number().min(0).max(MAX_SECONDS);
const longerThanNothing = z.number().gt(0).max(MAX_SECONDS);
const rate = z.number().gt(0).max(10_000);
const share = z.number().min(0).max(1);
const count = z.int().min(0).max(MAX_PEOPLE);
const name = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower case letters, digits and hyphens');

/** When people come: planned before anybody is asked, whatever becomes of those before (an open model). */
const arrivals = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('planned'), atSeconds: z.array(seconds).min(1).max(MAX_PLANNED) }),
  z.strictObject({ kind: z.literal('constant'), perSecond: rate }),
  z.strictObject({
    kind: z.literal('ramp'),
    fromPerSecond: z.number().min(0).max(10_000),
    toPerSecond: rate,
    overSeconds: longerThanNothing,
  }),
  z.strictObject({ kind: z.literal('spike'), withinSeconds: longerThanNothing }),
  z.strictObject({ kind: z.literal('poisson'), perSecond: rate }),
]);
export type Arrivals = z.infer<typeof arrivals>;

/** `full` opens everything, `light` counts and opens a sample, `ghost` has the kernel count. */
export const WEIGHTS = ['full', 'light', 'ghost'] as const;
export type Weight = (typeof WEIGHTS)[number];

/**
 * Where frame keys come from. `group`: of each meeting's MLS group, as people's do. `pre-shared`: the run hands out
 * what they are made of, and the group's members compute nothing; for what shall not be measured through that work.
 */
export const KEYS = ['group', 'pre-shared'] as const;
export type KeysName = (typeof KEYS)[number];

/** Means of exponential times, in seconds. */
const spurts = z.strictObject({ talkSeconds: longerThanNothing, silenceSeconds: longerThanNothing });

const sends = z.strictObject({
  /** Simulcast layers, the lowest first: 160x90, 320x180, 640x360, 30 pictures a second. */
  cameraLayers: z.int().min(0).max(3).default(0),
  /** Speech of 20 ms frames: never, always, or in spurts. */
  microphone: z.union([z.enum(['off', 'always']), spurts]).default('off'),
});
export type Sends = z.infer<typeof sends>;

const group = z.strictObject({
  name,
  count,
  weight: z.enum(WEIGHTS),
  sends: sends.prefault({}),
  /** The highest layer of each camera that is asked for; 2 is all of them. */
  viewsLayer: z.int().min(0).max(2).default(2),
  /** Absent: that of the scenario. */
  arrivals: arrivals.optional(),
  /** Means of exponential times; whoever left comes anew. Absent: everybody stays. */
  churn: z.strictObject({ staysSeconds: longerThanNothing, awaySeconds: longerThanNothing }).optional(),
  /** Whether `--participants` changes this group. */
  scales: z.boolean().default(false),
});
export type Group = z.infer<typeof group>;

const fault = z.discriminatedUnion('kind', [
  /** From then on, in place of what was before; without `up` and `down` the path is whole again. */
  z.strictObject({ kind: z.literal('impair'), atSeconds: seconds, up: way.optional(), down: way.optional() }),
  /** The signaling connection of this share of the people in the meeting breaks off. */
  z.strictObject({ kind: z.literal('cut-signaling'), atSeconds: seconds, share }),
  /** One media worker of the relay of its own is killed, with all the media that it carried. */
  z.strictObject({ kind: z.literal('kill-worker'), atSeconds: seconds }),
]);
export type Fault = z.infer<typeof fault>;

/** What can be judged; docs/load.md says how each is measured. */
export const FIGURES = [
  'join-ms',
  'first-frame-ms',
  'newcomer-heard-ms',
  'media-back-ms',
  'one-way-video-ms',
  'one-way-audio-ms',
  'freezes-per-minute',
  'frozen-percent',
  'stopped-percent',
  'loss-before-percent',
  'loss-after-percent',
  'frames-lost-percent',
  'failed-joins',
  'unfinished-joins',
  'retries',
  'fell-out',
  'frames-refused',
] as const;
export type FigureName = (typeof FIGURES)[number];
const COUNTED: readonly FigureName[] = [
  'failed-joins',
  'unfinished-joins',
  'retries',
  'fell-out',
  'frames-refused',
];
const AT = ['p50', 'p95', 'p99', 'max', 'total'] as const;

const criterion = z
  .strictObject({
    figure: z.enum(FIGURES),
    /** Of the distribution; `total`: of all together. */
    at: z.enum(AT).default('total'),
    most: z.number().optional(),
    least: z.number().optional(),
  })
  .refine(({ most, least }) => most !== undefined || least !== undefined, 'a criterion needs most or least')
  .refine(
    ({ most, least }) => most === undefined || least === undefined || least <= most,
    'least is more than most: nothing could pass',
  )
  .refine(
    ({ figure, at }) => !figure.endsWith('-ms') || at !== 'total',
    'durations have no total: say at p50, p95, p99 or max',
  )
  .refine(
    ({ figure, at }) => !COUNTED.includes(figure) || at === 'total',
    'what is only counted has a total and nothing else',
  );
export type Criterion = z.infer<typeof criterion>;
/** Without one everything would pass. */
const criteria = z.array(criterion).min(1).max(MAX_CRITERIA);

/** A smaller version of the same: what is named takes the place of the scenario's own. */
const form = z.strictObject({
  seconds: longerThanNothing.optional(),
  meetings: z.int().min(1).max(MAX_MEETINGS).optional(),
  counts: z.record(z.string(), count).optional(),
  arrivals: arrivals.optional(),
  churn: group.shape.churn,
  faults: z.array(fault).max(MAX_FAULTS).optional(),
  passes: criteria.optional(),
});
export type Form = z.infer<typeof form>;
export const FORMS = ['full', 'short', 'tiny'] as const;
export type FormName = (typeof FORMS)[number];

export const scenarioSchema = z
  .strictObject({
    name,
    about: z.string().min(1).max(400),
    meetings: z.int().min(1).max(MAX_MEETINGS).default(1),
    /** From the first moment that anybody is planned to come, until all leave. */
    seconds: longerThanNothing,
    arrivals,
    people: z.array(group).min(1).max(MAX_GROUPS),
    keys: z.enum(KEYS).default('group'),
    /** Of 1 in so many streams a light participant opens everything, of the others their first frame. */
    lightOpensOneOf: z.int().min(1).max(1_000).default(10),
    retry: z
      .strictObject({ most: z.int().min(0).max(10), afterSeconds: longerThanNothing })
      .default({ most: 0, afterSeconds: 1 }),
    faults: z.array(fault).max(MAX_FAULTS).default([]),
    passes: criteria,
    forms: z.strictObject({ short: form, tiny: form }),
  })
  .refine(({ people }) => new Set(people.map((one) => one.name)).size === people.length, {
    message: 'two groups have one name',
    path: ['people'],
  })
  .refine(({ forms, people }) => namesOf(forms).every((one) => people.some((known) => known.name === one)), {
    message: 'a form counts a group that is not among the people',
    path: ['forms'],
  })
  .refine(({ faults }) => faults.every(hasUsablePath), {
    message: 'no path can be like that',
    path: ['faults'],
  });
export type Scenario = z.infer<typeof scenarioSchema>;

const namesOf = (forms: { readonly [Name in 'short' | 'tiny']: Form }): string[] =>
  [forms.short, forms.tiny].flatMap(({ counts = {} }) => Object.keys(counts));

const hasUsablePath = (one: Fault): boolean =>
  one.kind !== 'impair' || [one.up, one.down].every((each) => each === undefined || isPossible(each));
