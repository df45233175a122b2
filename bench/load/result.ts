import { z } from 'zod';
import { benchResult } from '../result.ts';
import { COUNTS, MEASURES } from './crew/messages.ts';
import { FIGURES, FORMS, scenarioSchema, WEIGHTS } from './scenario/schema.ts';

const finite = z.number();
const spread = z.strictObject({ p50: finite, p95: finite, max: finite });

/** One second of the run, all processes together. */
const second = z.strictObject({
  second: z.int(),
  present: z.int(),
  added: z.strictObject(
    Object.fromEntries(COUNTS.map((name) => [name, finite])) as Record<
      (typeof COUNTS)[number],
      typeof finite
    >,
  ),
  durations: z.partialRecord(z.enum(MEASURES), spread),
  /** Of a core, each process of participants. */
  generatorCpu: z.array(finite),
});
export type TimelineSecond = z.infer<typeof second>;

const serverSecond = z.strictObject({
  second: z.int(),
  lastedSeconds: finite,
  relayCpuSeconds: finite,
  residentBytes: finite,
  workers: z.array(
    z.strictObject({
      worker: z.string(),
      cpuSeconds: finite,
      sentPackets: finite,
      receivedPackets: finite,
      sentBytes: finite,
      drops: finite,
    }),
  ),
});

const judged = z.strictObject({
  figure: z.enum(FIGURES),
  at: z.string(),
  most: finite.nullable(),
  least: finite.nullable(),
  value: finite.nullable(),
  passed: z.boolean(),
});

const lane = z.strictObject({ packets: z.int(), lost: z.int(), overflowed: z.int(), unheld: z.int() });

/** What `belfry load` adds to the one schema of benchmarks. */
const load = z.strictObject({
  scenario: scenarioSchema,
  form: z.enum(FORMS),
  /** As planned, of each weight. */
  people: z.strictObject(
    Object.fromEntries(WEIGHTS.map((name) => [name, z.int()])) as Record<(typeof WEIGHTS)[number], z.ZodInt>,
  ),
  visits: z.int(),
  processes: z.int(),
  lastedSeconds: finite,
  /** What neither the generator nor a server of its own took of this machine, on average; absent with a given server. */
  othersCores: finite.nullable(),
  /** Of this machine's cores, what its host took away, where it is a virtual one. */
  stolenShare: finite,
  server: z.strictObject({
    kind: z.enum(['own', 'given']),
    workers: z.int().nullable(),
    /** Below 1 the result is scaled: each media worker was held to this share of a core. */
    share: finite,
    readingsMissed: z.int(),
  }),
  versions: z.record(z.string(), z.string()),
  /** Whether what was measured meets the scenario's criteria; says nothing where the run is not valid. */
  passed: z.boolean(),
  criteria: z.array(judged),
  checks: z.array(
    z.strictObject({ name: z.string(), value: finite, most: finite, unit: z.string(), holds: z.boolean() }),
  ),
  counts: second.shape.added,
  /** Refusals of joins and early ends, and of frames, by code. */
  codes: z.record(z.string(), z.int()),
  refusedFrames: z.record(z.string(), z.int()),
  /** What the impaired paths did, stretch by stretch, all participants together. */
  paths: z.array(z.strictObject({ fromSecond: finite, up: lane, down: lane })),
  /** HDR histograms of microseconds, compressed and in base64. */
  histograms: z.partialRecord(z.enum(MEASURES), z.string()),
  /** Of each visit that came in, in the order of their coming. */
  joinsMs: z.array(finite),
  firstFramesMs: z.array(finite),
  timeline: z.array(second),
  serverTimeline: z.array(serverSecond),
  notes: z.array(z.string()),
});
export type LoadRecord = z.infer<typeof load>;

export const loadResult = benchResult.extend({ load });
export type LoadResult = z.infer<typeof loadResult>;
