import { parseArgs } from 'node:util';
import { BelfryError, messageOf } from '../src/base/errors.ts';

/** What scripts can rely on. */
export const EXIT = { done: 0, failed: 1, usage: 2, invalid: 3 } as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

export interface Flag {
  /** Absent: the flag takes no value. */
  readonly placeholder?: string;
  readonly help: string;
  /** It may be given several times, and its value is a list. */
  readonly repeats?: true;
}

/** A word that may stand beside a command's flags. */
export interface Operand {
  readonly placeholder: string;
  /** The command can do without. */
  readonly isOptional?: true;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Paragraphs below the usage line: what it does, in words for a stranger. */
  readonly description: string;
  readonly flags: Readonly<Record<string, Flag>>;
  readonly operand?: Operand;
  /** Of commands about two things of a kind. */
  readonly secondOperand?: Operand;
  run(flags: FlagValues, operand: string | undefined, second: string | undefined): Promise<ExitStatus>;
}

/** Commands of one subject, as in `belfry ca root`. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly commands: readonly Command[];
}

export type FlagValues = Readonly<Record<string, string | readonly string[] | true | undefined>>;

export const textOf = (flags: FlagValues, name: string): string | undefined => {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
};

export const listOf = (flags: FlagValues, name: string): readonly string[] => {
  const value = flags[name];
  return Array.isArray(value) ? value : [];
};

/** What follows `belfry`, as far as it names a command. */
type Named<T> = T & { readonly path: string };

/** A wrong command line: said in one breath with the way out, status 2. */
export class UsageError extends Error {
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

/** A refusal or a thrown `BelfryError`. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string | undefined;
}

export const printFailure = (failure: Failure): void => {
  console.error(`belfry: ${failure.message} [${failure.code}]`);
  if (failure.remedy !== undefined) console.error(`  What to do: ${failure.remedy}`);
};

const overview = (commands: readonly (Command | CommandGroup)[]): string =>
  [
    'Usage: belfry COMMAND [OPTION…]',
    '',
    'An encrypted media relay: it forwards meetings that it cannot read.',
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(8)} ${summary}`),
    '',
    'belfry COMMAND --help says more. Exit status: 0 done, 1 failed, 2 wrong command line or settings.',
  ].join('\n');

const flagLine = ([name, { placeholder, help }]: [string, Flag]): string =>
  `  ${`--${name}${placeholder === undefined ? '' : ` ${placeholder}`}`.padEnd(32)} ${help}`;

const operandsOf = ({ operand, secondOperand }: Command): readonly Operand[] =>
  [operand, secondOperand].filter((one) => one !== undefined);

const usageOf = (command: Named<Command>): string => {
  const words = operandsOf(command).map(({ placeholder, isOptional }) =>
    isOptional ? `[${placeholder}]` : placeholder,
  );
  return `Usage: ${['belfry', command.path, ...words, '[OPTION…]'].join(' ')}`;
};

const helpOf = (command: Named<Command>): string =>
  [
    usageOf(command),
    '',
    command.description,
    '',
    ...Object.entries({ ...command.flags, help: { help: 'print this' } }).map(flagLine),
  ].join('\n');

const helpOfGroup = ({ path, description, commands }: Named<CommandGroup>): string =>
  [
    `Usage: belfry ${path} ${commands.map(({ name }) => name).join('|')} [OPTION…]`,
    '',
    description,
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(8)} ${summary}`),
    '',
    `belfry ${path} COMMAND --help says more.`,
  ].join('\n');

interface ParsedArgs {
  readonly flags: FlagValues;
  readonly operands: readonly string[];
}

const optionOf = ({ placeholder, repeats }: Flag) => ({
  type: placeholder === undefined ? ('boolean' as const) : ('string' as const),
  multiple: repeats ?? false,
});

const parseFlags = (command: Named<Command>, args: readonly string[]): ParsedArgs => {
  const flags: Readonly<Record<string, Flag>> = { ...command.flags, help: { help: '' } };
  const options = Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, optionOf(flag)]));
  const allowPositionals = command.operand !== undefined;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, strict: true, allowPositionals });
    return { flags: values as FlagValues, operands: positionals };
  } catch (error) {
    throw new UsageError(command.path, messageOf(error).split('. ')[0] ?? '');
  }
};

const runCommand = async (command: Named<Command>, args: readonly string[]): Promise<ExitStatus> => {
  const { flags, operands } = parseFlags(command, args);
  if (flags.help === true) {
    console.log(helpOf(command));
    return EXIT.done;
  }
  const known = operandsOf(command);
  if (operands.length > known.length) throw new UsageError(command.path, 'too many words');
  const missing = known.slice(operands.length).find(({ isOptional }) => !isOptional);
  if (missing !== undefined) throw new UsageError(command.path, `${missing.placeholder} is missing`);
  const [operand, second] = operands;
  return command.run(flags, operand, second);
};

const runGroup = async (group: Named<CommandGroup>, args: readonly string[]): Promise<ExitStatus> => {
  const [name = '', ...rest] = args;
  const command = group.commands.find((candidate) => candidate.name === name);
  if (command !== undefined) return runCommand({ ...command, path: `${group.path} ${name}` }, rest);
  if (name !== '--help' && name !== '-h')
    throw new UsageError(group.path, `say what: ${group.commands.map((one) => one.name).join('|')}`);
  console.log(helpOfGroup(group));
  return EXIT.done;
};

/** Runs the command that `args` name and answers the exit status; never throws. */
export const runCommandLine = async (
  commands: readonly (Command | CommandGroup)[],
  args: readonly string[],
): Promise<ExitStatus> => {
  const [name, ...rest] = args;
  if (name === '--help' || name === '-h' || name === 'help') {
    console.log(overview(commands));
    return EXIT.done;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) {
    console.error(
      name === undefined ? 'belfry: no command given' : `belfry: there is no command ${JSON.stringify(name)}`,
    );
    console.error(overview(commands));
    return EXIT.usage;
  }
  try {
    const path = command.name;
    return await ('commands' in command
      ? runGroup({ ...command, path }, rest)
      : runCommand({ ...command, path }, rest));
  } catch (error) {
    return reportThrown(error);
  }
};

const reportThrown = (error: unknown): ExitStatus => {
  if (error instanceof UsageError) {
    console.error(`belfry ${error.path}: ${error.message}`);
    console.error(`  What to do: belfry ${error.path} --help lists the options`);
    return EXIT.usage;
  }
  if (error instanceof BelfryError) printFailure(error);
  else console.error(`belfry: this is a bug: ${error instanceof Error ? error.stack : String(error)}`);
  return EXIT.failed;
};
