// Runs one benchmark: `npm run bench -- NAME`. Status 0: measured, 1: measured but not valid, or it broke off, 2: asked
// for in a way that means nothing.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, parse as parsePath } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../src/base/errors.ts';
import { commitFact, machineFacts, PROJECT_DIR } from './facts.ts';
import { type BenchResult, SCHEMA } from './result.ts';
import type { BenchOptions } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import { describeResult } from './table.ts';

const DEFAULT_SEED = 1;

const names = Object.keys(SCENARIOS);
const widest = Math.max(...names.map((name) => name.length));

const summaries = (): Promise<string[]> =>
  Promise.all(
    Object.entries(SCENARIOS).map(
      async ([name, load]) => `  ${name.padEnd(widest)}  ${(await load()).summary}`,
    ),
  );

const help = async (): Promise<string> => `npm run bench -- NAME [--quick] [--out FILE] [--seed N]

Measures NAME, prints a table and writes it as JSON (schema ${SCHEMA}).

${(await summaries()).join('\n')}

  --quick     less exact, in under a minute; written to bench/results/NAME.quick.json
  --out FILE  write there instead of bench/results/NAME.json
  --seed N    a whole number from 0 on: the same inputs in the same order for the same seed (default ${DEFAULT_SEED})
  --help      this text

Status 0: measured. 1: measured but not valid (the table says why), or it broke off. 2: wrong usage.`;

interface Order extends BenchOptions {
  readonly name: string;
  readonly load: (typeof SCENARIOS)[string];
  readonly out: string;
}

const parse = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      out: { type: 'string' },
      seed: { type: 'string', default: String(DEFAULT_SEED) },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });

const seedOf = (text: string): number | undefined => {
  const seed = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(seed) ? seed : undefined;
};

const defaultOut = (name: string, quick: boolean): string =>
  join(PROJECT_DIR, 'bench/results', quick ? `${name}.quick.json` : `${name}.json`);

/** What was asked for, or the sentence that says why it means nothing. */
const orderOf = ({ values, positionals }: ReturnType<typeof parse>): Order | string => {
  const [name, ...more] = positionals;
  if (name === undefined) return `Name a benchmark: ${names.join(', ')}.`;
  if (more.length > 0) return `One benchmark at a time: ${more.join(' ')} is too much.`;
  const load = Object.hasOwn(SCENARIOS, name) ? SCENARIOS[name] : undefined;
  if (load === undefined) return `There is no benchmark ${name}. There are: ${names.join(', ')}.`;
  const seed = seedOf(values.seed);
  if (seed === undefined) return `--seed takes a whole number from 0 on, not ${values.seed}.`;
  return { name, load, seed, quick: values.quick, out: values.out ?? defaultOut(name, values.quick) };
};

/** Beside the result, under its name. */
const drawingPath = (out: string): string => {
  const { dir, name } = parsePath(out);
  return join(dir, `${name}.svg`);
};

const write = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(`written to ${path}`);
};

const measure = async ({ name, load, quick, seed, out }: Order): Promise<number> => {
  const { rows, valid, why, notes, drawing } = await (await load()).run({ quick, seed });
  const result: BenchResult = {
    schema: SCHEMA,
    name,
    date: new Date().toISOString(),
    commit: commitFact(),
    machine: machineFacts(),
    seed,
    valid,
    why,
    rows: [...rows],
  };
  console.log(describeResult(result));
  for (const note of notes) console.log(note);
  write(out, `${JSON.stringify(result, null, 1)}\n`);
  if (drawing !== undefined) write(drawingPath(out), drawing);
  return valid ? 0 : 1;
};

const usageError = (sentence: string): number => {
  console.error(`${sentence}\nnpm run bench -- --help tells more.`);
  return 2;
};

const main = async (argv: readonly string[]): Promise<number> => {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(argv);
  } catch (error) {
    return usageError(messageOf(error));
  }
  if (parsed.values.help) {
    console.log(await help());
    return 0;
  }
  const order = orderOf(parsed);
  return typeof order === 'string' ? usageError(order) : measure(order);
};

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`The benchmark broke off: ${messageOf(error)}`);
  process.exitCode = 1;
}
