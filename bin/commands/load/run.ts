import { type Command, type FlagValues, textOf, UsageError } from '../../command-line.ts';
import { runGenerator } from './program.ts';

const PATH = 'load run';
const FORMS = ['full', 'short', 'tiny'] as const;
const KEYS = ['group', 'pre-shared'] as const;
const DEFAULT_SEED = 1;
const MAX_PEOPLE = 10_000;

/** `undefined` where the flag is absent. */
const numberOf = (
  flags: FlagValues,
  name: string,
  min: number,
  max: number,
  whole = true,
): number | undefined => {
  const text = textOf(flags, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  const isInside = text.trim() !== '' && value >= min && value <= max && (!whole || Number.isInteger(value));
  if (!isInside)
    throw new UsageError(
      PATH,
      `--${name} takes a ${whole ? 'whole ' : ''}number from ${min} to ${max}, not ${text}`,
    );
  return value;
};

const keysOf = (flags: FlagValues): string | undefined => {
  const keys = textOf(flags, 'keys');
  if (keys === undefined || KEYS.some((known) => known === keys)) return keys;
  throw new UsageError(PATH, `--keys takes ${KEYS.join(' or ')}, not ${keys}`);
};

const formOf = (flags: FlagValues): string => {
  const form = textOf(flags, 'form') ?? 'full';
  if (FORMS.some((known) => known === form)) return form;
  throw new UsageError(PATH, `--form takes ${FORMS.join(', ')}, not ${form}`);
};

/** What belongs to a relay of its own means nothing to a given one. */
const checkTarget = (flags: FlagValues): void => {
  const isGiven = textOf(flags, 'links') !== undefined;
  const foreign = (isGiven ? ['workers', 'share'] : ['devices', 'url', 'ca']).find(
    (name) => flags[name] !== undefined,
  );
  if (foreign !== undefined)
    throw new UsageError(PATH, `--${foreign} goes ${isGiven ? 'without' : 'with'} --links`);
  if (isGiven && flags.devices === undefined)
    throw new UsageError(PATH, '--links goes with --devices: who enters shows a certificate');
};

const metricsOf = (flags: FlagValues): string | undefined => {
  const url = textOf(flags, 'url');
  if (url === undefined) return undefined;
  if (!URL.canParse(url)) throw new UsageError(PATH, `--url takes a URL, not ${url}`);
  return new URL('/metrics', url).href;
};

const defined = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

export const run: Command = {
  name: 'run',
  summary: 'have the participants of a scenario meet, measure, and judge',
  description: `SCENARIO is one that belfry load list names, or a file (docs/load.md explains its fields). Starts a relay of its own, with
people of its own, or has the devices of --devices join the meetings of --links, whose charters must admit them. Prints the figures and writes result.json and report.html.

Exit status: 0 every criterion is met, 1 one is not (or the run broke off), 2 wrong command line or scenario, 3 INVALID: the
generator was the limit, or the run was ended early, so that its figures say nothing of the server. Ctrl-C ends the run
and reports what was done until then.`,
  operand: { placeholder: 'SCENARIO' },
  flags: {
    form: { placeholder: 'FORM', help: 'full, or the smaller forms short and tiny (default full)' },
    participants: {
      placeholder: 'N',
      help: 'so many people in all: the groups that scale make up the number',
    },
    seed: { placeholder: 'N', help: `the same plan for the same seed (default ${DEFAULT_SEED})` },
    processes: {
      placeholder: 'N',
      help: 'processes of participants (default: one a core, and one for who is measured)',
    },
    out: {
      placeholder: 'FOLDER',
      help: 'where result.json and report.html go (default: a new one in load-results)',
    },
    links: {
      placeholder: 'FILE',
      help: 'links of meetings of a running relay, one on a line; - is the standard input',
    },
    devices: {
      placeholder: 'FOLDER',
      help: 'with --links: enrolled devices, one for each person, as belfry device enrol --device FOLDER/NAME leaves them',
    },
    keys: {
      placeholder: 'WHERE',
      help: "frame keys: group, of the meeting's group, or pre-shared, handed out by the run (default: as the scenario says)",
    },
    url: {
      placeholder: 'URL',
      help: "with --links: where the relay's metrics are, as in http://127.0.0.1:9470",
    },
    ca: { placeholder: 'FILE', help: "with --links: the relay's root, for links that begin with https" },
    workers: { placeholder: 'N', help: 'media workers of the relay of its own (default 1)' },
    share: {
      placeholder: 'SHARE',
      help: 'hold each media worker to this part of a core, 0.05 to 1; the result says scaled (default 1)',
    },
  },
  async run(flags, scenario = '') {
    checkTarget(flags);
    return runGenerator(orderOf(flags, scenario), textOf(flags, 'ca'));
  },
};

const orderOf = (flags: FlagValues, scenario: string) =>
  defined({
    kind: 'run',
    scenario,
    form: formOf(flags),
    participants: numberOf(flags, 'participants', 1, MAX_PEOPLE),
    seed: numberOf(flags, 'seed', 0, 2 ** 32 - 1) ?? DEFAULT_SEED,
    processes: numberOf(flags, 'processes', 1, 64),
    out: textOf(flags, 'out'),
    keys: keysOf(flags),
    links: textOf(flags, 'links'),
    devices: textOf(flags, 'devices'),
    metrics: metricsOf(flags),
    workers: numberOf(flags, 'workers', 1, 256) ?? 1,
    share: numberOf(flags, 'share', 0.05, 1, false) ?? 1,
  });

const sizesOf = (flags: FlagValues): readonly number[] => {
  const sizes = (textOf(flags, 'sizes') ?? '').split(',').map(Number);
  if (sizes.every((size) => Number.isInteger(size) && size >= 1 && size <= MAX_PEOPLE)) return sizes;
  throw new UsageError('load ladder', `--sizes takes whole numbers from 1 to ${MAX_PEOPLE}, as in 40,80,120`);
};

export const ladder: Command = {
  name: 'ladder',
  summary: 'how many people a generator on this machine can be in a scenario',
  description: `Runs SCENARIO against a relay of its own with each size in turn, twice where a run is INVALID, and stops at the first size that is
INVALID both times. Prints what each came to, and writes each run and a result.json. Status 3 where no size was VALID.`,
  operand: { placeholder: 'SCENARIO' },
  flags: {
    sizes: { placeholder: 'N,N,…', help: 'people in all, as in 40,80,120; must be given' },
    form: { placeholder: 'FORM', help: 'full, or the smaller forms short and tiny (default full)' },
    keys: { placeholder: 'WHERE', help: 'group or pre-shared (default: as the scenario says)' },
    seed: { placeholder: 'N', help: `the same plans for the same seed (default ${DEFAULT_SEED})` },
    workers: { placeholder: 'N', help: 'media workers of the relay (default 1)' },
    out: { placeholder: 'FOLDER', help: 'where the results go (default load-results/ladder)' },
  },
  async run(flags, scenario = '') {
    const { out, ...run } = orderOf(flags, scenario);
    return runGenerator(defined({ kind: 'ladder', run, sizes: sizesOf(flags), out }));
  },
};
