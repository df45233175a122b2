import { z } from 'zod';
import { FORMS, KEYS } from './scenario/schema.ts';

const MAX_PROCESSES = 64;
const MAX_WORKERS = 256;

const text = z.string().min(1);

const MAX_SIZES = 32;
const people = z.int().min(1).max(10_000);

const run = z.strictObject({
  kind: z.literal('run'),
  scenario: text,
  form: z.enum(FORMS),
  participants: people.optional(),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1),
  /** Absent: one for each core. */
  processes: z.int().min(1).max(MAX_PROCESSES).optional(),
  out: text.optional(),
  /** In place of the scenario's. */
  keys: z.enum(KEYS).optional(),
  /** A file with a link on each line; `-` is the standard input. Absent: a relay of its own. */
  links: text.optional(),
  /** With links: a folder with the folders of enrolled devices. */
  devices: text.optional(),
  metrics: z.url().optional(),
  workers: z.int().min(1).max(MAX_WORKERS),
  share: z.number().min(0.05).max(1),
});

/** What `belfry load` asks of the generator, one line of JSON: the command knows the words, the generator what they mean. */
export const orderSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('list') }),
  run,
  /** The same run with each of these sizes, until one is INVALID. */
  z.strictObject({
    kind: z.literal('ladder'),
    run,
    sizes: z.array(people).min(1).max(MAX_SIZES),
    out: text.optional(),
  }),
  z.strictObject({ kind: z.literal('report'), folder: text }),
  z.strictObject({ kind: z.literal('compare'), a: text, b: text }),
  z.strictObject({
    kind: z.literal('calibrate'),
    seconds: z.number().min(0.2).max(60),
    out: text.optional(),
  }),
]);
export type Order = z.infer<typeof orderSchema>;
export type RunOrder = Extract<Order, { kind: 'run' }>;

/** What scripts can rely on; docs/load.md lists them. */
export const STATUS = { passed: 0, failed: 1, usage: 2, invalid: 3 } as const;
export type Status = (typeof STATUS)[keyof typeof STATUS];
