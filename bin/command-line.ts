import { parseArgs } from 'node:util';
import { BelfryError, messageOf } from '../src/base/errors.ts';

/** What scripts can rely on. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

export interface Flag {
  /** Absent: the flag takes no value. */
  readonly placeholder?: string;
  readonly help: string;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Paragraphs below the usage line: what it does, in words for a stranger. */
  readonly description: string;
  readonly flags: Readonly<Record<string, Flag>>;
  /** Words of which one must follow the command's name, as in `belfry ca root`. */
  readonly subjects?: readonly string[];
  run(flags: FlagValues): Promise<ExitStatus>;
}

export type FlagValues = Readonly<Record<string, string | true | undefined>>;

/** A wrong command line: said in one breath with the way out, status 2. */
class UsageError extends Error {}

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

const overview = (commands: readonly Command[]): string =>
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

const helpOf = (command: Command): string =>
  [
    `Usage: belfry ${[command.name, ...(command.subjects ? [command.subjects.join('|')] : [])].join(' ')} [OPTION…]`,
    '',
    command.description,
    '',
    ...Object.entries({ ...command.flags, help: { help: 'print this' } }).map(flagLine),
  ].join('\n');

const parseFlags = (command: Command, args: readonly string[]): FlagValues => {
  const options = Object.fromEntries(
    Object.entries({ ...command.flags, help: { help: '' } as Flag }).map(([name, flag]) => [
      name,
      { type: flag.placeholder === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false });
    return values as FlagValues;
  } catch (error) {
    throw new UsageError(messageOf(error).split('. ')[0] ?? '');
  }
};

const runCommand = async (command: Command, args: readonly string[]): Promise<ExitStatus> => {
  const [subject = '', ...rest] = args;
  const hasSubject = command.subjects?.includes(subject) ?? false;
  const flags = parseFlags(command, hasSubject ? rest : args);
  if (flags.help === true) {
    console.log(helpOf(command));
    return EXIT.done;
  }
  if (command.subjects !== undefined && !hasSubject)
    throw new UsageError(`say what: belfry ${command.name} ${command.subjects.join('|')}`);
  return command.run(flags);
};

/** Runs the command that `args` name and answers the exit status; never throws. */
export const runCommandLine = async (
  commands: readonly Command[],
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
    return await runCommand(command, rest);
  } catch (error) {
    return reportThrown(command, error);
  }
};

const reportThrown = (command: Command, error: unknown): ExitStatus => {
  if (error instanceof UsageError) {
    console.error(`belfry ${command.name}: ${error.message}`);
    console.error(`  What to do: belfry ${command.name} --help lists the options`);
    return EXIT.usage;
  }
  if (error instanceof BelfryError) printFailure(error);
  else console.error(`belfry: this is a bug: ${error instanceof Error ? error.stack : String(error)}`);
  return EXIT.failed;
};
