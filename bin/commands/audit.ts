import { findRecords, recordFolderIn } from '../../src/app/record/files.ts';
import {
  fingerprintOf,
  judgeRecord,
  printEntries,
  readCheckpoint,
  type Verdict,
} from '../../src/app/record/inspect.ts';
import { fromBase64Url } from '../../src/base/bytes.ts';
import { stateDirOf } from '../../src/config/state-dir.ts';
import { wordsOf } from '../../src/trust/hosts/fingerprint.ts';
import { type Command, type CommandGroup, EXIT, type FlagValues, UsageError } from '../command-line.ts';

/** The first of thousands says where to look. */
const MAX_SHOWN = 20;

const RECORD = { placeholder: 'FILE|FOLDER', isOptional: true } as const;
const WHERE = `Without FILE|FOLDER: every record of the state folder ($XDG_STATE_HOME/belfry or ~/.local/state/belfry).`;

const pathsOf = (operand: string | undefined): Promise<readonly string[]> =>
  findRecords(operand ?? recordFolderIn(stateDirOf(process.env)));

const textFlag = (flags: FlagValues, name: string): string | undefined => {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
};

/** What the record must be, as far as somebody noted it down. */
const expectedOf = async (flags: FlagValues) => {
  const [publicKey, file] = [textFlag(flags, 'key'), textFlag(flags, 'checkpoint')];
  if (publicKey !== undefined && fromBase64Url(publicKey) === undefined)
    throw new UsageError('audit verify', '--key takes the key as belfry audit verify prints it');
  return { publicKey, kept: file === undefined ? [] : [await readCheckpoint(file)] };
};

const minuteOf = (unixMs: number | undefined): string =>
  unixMs === undefined ? 'never' : `${new Date(unixMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

const printVerdict = (path: string, { opening, beganUnixMs, findings, ...counts }: Verdict): void => {
  console.log(path);
  if (opening !== undefined) {
    console.log(`  Record:      ${opening.record}, begun ${minuteOf(beganUnixMs)}`);
    console.log(`  Key:         ${opening.publicKey}`);
    console.log(
      `               ${wordsOf(fingerprintOf(fromBase64Url(opening.publicKey) ?? new Uint8Array()))}`,
    );
  }
  console.log(`  Lines:       ${counts.lines}, of which the last ${counts.unsigned} are not signed yet`);
  console.log(`  Checkpoints: ${counts.checkpoints}`);
  for (const { line, message, code } of findings.slice(0, MAX_SHOWN))
    console.log(`  Line ${line}: ${message} [${code}]`);
  if (findings.length > MAX_SHOWN) console.log(`  … and ${findings.length - MAX_SHOWN} more`);
  if (findings.length === 0)
    console.log('  Whole: each line follows from the one before, each checkpoint is signed.');
};

const verify: Command = {
  name: 'verify',
  summary: 'whether records are whole, and where they are not',
  description: `Checks each record line by line: an edit, a cut, a reorder, a torn end, a forged checkpoint, each with its line. Whoever
holds the machine could write a whole new record with a key of their own, or cut the end off: --key (noted down before)
and --checkpoint (kept elsewhere) find that out. Status 1 where anything is found.

${WHERE}`,
  operand: RECORD,
  flags: {
    key: { placeholder: 'KEY', help: 'the key that the record must bear, as printed by an earlier verify' },
    checkpoint: { placeholder: 'FILE', help: 'a checkpoint that was kept of it' },
  },
  async run(flags, operand) {
    const expected = await expectedOf(flags);
    let isWhole = true;
    for (const path of await pathsOf(operand)) {
      const verdict = await judgeRecord(path, expected);
      printVerdict(path, verdict);
      isWhole &&= verdict.findings.length === 0;
    }
    return isWhole ? EXIT.done : EXIT.failed;
  },
};

const exportEntries: Command = {
  name: 'export',
  summary: 'what a record says of one meeting, or under a reference',
  description: `Prints entries as lines of JSON, oldest first. A record that is not whole is printed too, after a warning and with
status 1. --reference is what a person reads out who was refused.

${WHERE}`,
  operand: RECORD,
  flags: {
    meeting: { placeholder: 'ID', help: 'only what belongs to this meeting' },
    reference: { placeholder: 'XXXX-XXXX', help: 'only the refusal of this reference' },
  },
  async run(flags, operand) {
    const [meeting, reference] = [textFlag(flags, 'meeting'), textFlag(flags, 'reference')?.toUpperCase()];
    let isWhole = true;
    for (const path of await pathsOf(operand)) {
      const { findings } = await judgeRecord(path, {});
      if (findings.length > 0) console.error(`belfry: ${path} is not whole: see belfry audit verify`);
      isWhole &&= findings.length === 0;
      await printEntries(path, { meeting, reference }, console.log);
    }
    return isWhole ? EXIT.done : EXIT.failed;
  },
};

export const audit: CommandGroup = {
  name: 'audit',
  summary: 'the record of what was decided: verify it, export a meeting',
  description: `A relay records who asked for what, and what was decided by which rule, in a chain of hashes with signed checkpoints.
Each start begins a record of its own. It holds random ids, never names, titles or addresses.`,
  commands: [verify, exportEntries],
};
