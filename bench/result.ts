import { z } from 'zod';

/** The one schema of every benchmark. A row that was not measured is absent, never zero. */
export const SCHEMA = 'belfry.bench.v1';

const row = z.strictObject({
  /** What was measured; no two rows share case and measure. */
  case: z.string().min(1),
  measure: z.string().min(1),
  unit: z.string().min(1),
  /** Samples; the scenario says what one is. */
  n: z.int().min(1),
  min: z.number(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  max: z.number(),
  /** The case, of the same measure and run, whose p50 `ratio` divides this p50 by; both `null` where there is none. */
  against: z.string().nullable(),
  ratio: z.number().nullable(),
});
export type Row = z.infer<typeof row>;

const machine = z.strictObject({
  cpu: z.string(),
  cores: z.int().min(1),
  memoryBytes: z.int().min(1),
  kernel: z.string(),
  node: z.string(),
});
export type Machine = z.infer<typeof machine>;

export const benchResult = z.strictObject({
  schema: z.literal(SCHEMA),
  name: z.string().min(1),
  date: z.iso.datetime(),
  /** With `+changes` where files differed from it. */
  commit: z.string().min(1),
  machine,
  seed: z.int().min(0),
  /** Whether the run may be quoted; `why` says why not. */
  valid: z.boolean(),
  why: z.string().nullable(),
  rows: z.array(row),
});
export type BenchResult = z.infer<typeof benchResult>;
