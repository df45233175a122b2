import { findRecords, RECORD_KEY, recordFolderIn } from '../../src/app/record/files.ts';
import {
  type Chosen,
  EXPORT_ALLOWED_DAYS,
  fingerprintOf,
  type Judged,
  type JudgedRecord,
  judgeRecords,
  keyBeside,
  printExport,
  readCheckpoint,
} from '../../src/app/record/inspect.ts';
import { fromBase64Url } from '../../src/base/bytes.ts';
import type { Settings } from '../../src/config/settings.ts';
import { wordsOf } from '../../src/trust/hosts/fingerprint.ts';
import {
  type Command,
  type CommandGroup,
  EXIT,
  type ExitStatus,
  type FlagValues,
  textOf,
  UsageError,
} from '../command-line.ts';
import { minuteOf } from '../dates.ts';
import { SETTINGS_HELP } from '../settings-flags.ts';
import { inStateDir, STATE_DIR_FLAGS } from '../state-dir.ts';

/** The first of thousands says where to look. */
const MAX_SHOWN = 20;

const RECORD = { placeholder: 'FILE|FOLDER', isOptional: true } as const;
const WHERE = `Without FILE|FOLDER: every record in the folder of state.

${SETTINGS_HELP}`;

const chosenBy = async (operand: string | undefined, { stateDir }: Settings): Promise<Chosen> => {
  const paths = await findRecords(operand ?? recordFolderIn(stateDir));
  return { paths, isOne: paths.length === 1 && paths[0] === operand };
};

const keyOf = (flags: FlagValues): string | undefined => {
  const key = textOf(flags, 'key');
  if (key !== undefined && fromBase64Url(key) === undefined)
    throw new UsageError('audit verify', '--key takes the key as belfry audit verify prints it');
  return key;
};

/** What the verdict leaves open about the end of a record that does not say that its relay stopped. */
const endOf = ({ verdict, isNamed }: Judged): string => {
  if (verdict.hasStopped) return 'its relay stopped, and said so';
  return isNamed
    ? 'its relay ended without a word; a later record says that it went so far'
    : 'does not say that its relay stopped: that one runs, or was killed, or the end was cut off (--checkpoint tells)';
};

/** By its own last word, or by a later record's. */
const isEndKnown = ({ verdict, isNamed }: Judged): boolean => verdict.hasStopped || isNamed;

const printVerdict = (judged: Judged): void => {
  const { path, verdict } = judged;
  const { opening, beganUnixMs, findings, ...counts } = verdict;
  console.log(path);
  if (opening !== undefined) {
    console.log(
      `  Record:      ${opening.record}, begun ${beganUnixMs === undefined ? 'never' : minuteOf(beganUnixMs)}`,
    );
    console.log(`  Key:         ${opening.publicKey}`);
    console.log(
      `               ${wordsOf(fingerprintOf(fromBase64Url(opening.publicKey) ?? new Uint8Array()))}`,
    );
  }
  console.log(`  Lines:       ${counts.lines}, of which the last ${counts.unsigned} are not signed yet`);
  console.log(`  Checkpoints: ${counts.checkpoints}`);
  console.log(`  End:         ${endOf(judged)}`);
  for (const { line, message, code } of findings.slice(0, MAX_SHOWN))
    console.log(`  Line ${line}: ${message} [${code}]`);
  if (findings.length > MAX_SHOWN) console.log(`  … and ${findings.length - MAX_SHOWN} more`);
  if (findings.length === 0)
    console.log(
      `  ${isEndKnown(judged) ? 'Whole' : 'Whole as far as it goes'}: each line follows from the one before, each checkpoint is signed.`,
    );
};

/** As named by --key, or of the folder of state. Without one a record is only held against the key that it names itself. */
const expectedKey = async (flags: FlagValues, { paths }: Chosen): Promise<string | undefined> => {
  const key = keyOf(flags) ?? (await keyBeside(paths));
  if (key === undefined)
    console.log(
      `No key was named, and there is no ${RECORD_KEY} beside the folder: whoever wrote all of it anew would not be found out.`,
    );
  return key;
};

/** Whether all are whole, and one of them is the record of which a checkpoint was kept, if one was. */
const verifyAll = async (chosen: Chosen, flags: FlagValues): Promise<boolean> => {
  const file = textOf(flags, 'checkpoint');
  const publicKey = await expectedKey(flags, chosen);
  const kept = file === undefined ? undefined : await readCheckpoint(file);
  const judged = await judgeRecords(chosen, { publicKey, kept });
  for (const one of judged) printVerdict(one);
  const openings = judged.flatMap(({ verdict: { opening } }) => (opening === undefined ? [] : [opening]));
  const isFound = kept === undefined || openings.some(({ record }) => record === kept.record);
  if (!isFound) console.log(`The record ${kept.record}, of which a checkpoint was kept, is not among them.`);
  const isOfOneKey = new Set(openings.map((opening) => opening.publicKey)).size <= 1;
  if (!isOfOneKey) console.log('These records are signed by more than one key.');
  return isFound && isOfOneKey && judged.every(({ verdict }) => verdict.findings.length === 0);
};

const statusOf = (isWhole: boolean): ExitStatus => (isWhole ? EXIT.done : EXIT.failed);

const verify: Command = {
  name: 'verify',
  summary: 'whether records are whole, and where they are not',
  description: `Checks each record line by line: an edit, a cut, a reorder, a torn end, a forged checkpoint, each with its line. Each record begins with
how far those before it went: an end that was cut off shows, and a record that is missing. The key is that of record.pem in the folder
of state, if it is there. Whoever holds the machine has that key as well, and could write all of it anew, or cut the end of the newest
record off: --key (noted down before) and --checkpoint (kept elsewhere) find that out. Status 1 where anything is found.

${WHERE}`,
  operand: RECORD,
  flags: {
    ...STATE_DIR_FLAGS,
    key: { placeholder: 'KEY', help: 'the key that the record must bear, as printed by an earlier verify' },
    checkpoint: { placeholder: 'FILE', help: 'a checkpoint that was kept of it' },
  },
  run: (flags, operand) =>
    inStateDir(flags, async (settings) =>
      statusOf(await verifyAll(await chosenBy(operand, settings), flags)),
    ),
};

const judgeAll = async (chosen: Chosen): Promise<readonly JudgedRecord[]> => {
  const judged = await judgeRecords(chosen, { publicKey: await keyBeside(chosen.paths) });
  return judged.map(({ path, verdict }) => {
    const isWhole = verdict.findings.length === 0;
    if (!isWhole) console.error(`belfry: ${path} is not whole: see belfry audit verify`);
    return { path, isWhole };
  });
};

const EXPORT_REMEDY = `  In the meeting a leader orders “Allow an export of the record”, and another one agrees within 5 minutes. If that was done, name the
  folder of all records: the allowance may stand in another one.`;

const NOTHING_FOUND = `belfry: no record says anything of that meeting or reference [audit.nothing-found]
  What to do: compare it with what was read out or stands in the link; name the folder of all records, it may stand in another one.`;

const exportEntries: Command = {
  name: 'export',
  summary: 'what a record says of one meeting, or under a reference',
  description: `Prints entries as lines of JSON, oldest first. A record that is not whole is printed too, after a warning and with
status 1, as is that nothing was found. --reference is what a person reads out who was refused.

Of a meeting marked above the level that the scale names in twoPersonsAbove nothing is printed, with status 1, unless its record is
whole and holds that two of its leaders allowed an export: one orders it on the page, another one agrees within 5 minutes. That serves
for ${EXPORT_ALLOWED_DAYS} days, and no longer than until the marking rises. It binds this command alone: whoever can read the file can copy it.

${WHERE}`,
  operand: RECORD,
  flags: {
    ...STATE_DIR_FLAGS,
    meeting: { placeholder: 'ID', help: 'only what belongs to this meeting' },
    reference: { placeholder: 'XXXX-XXXX', help: 'only the refusal of this reference' },
  },
  run: (flags, operand) =>
    inStateDir(flags, async (settings) => {
      const wanted = {
        meeting: textOf(flags, 'meeting'),
        reference: textOf(flags, 'reference')?.toUpperCase(),
      };
      const records = await judgeAll(await chosenBy(operand, settings));
      const { printed, refused } = await printExport(records, wanted, Date.now(), console.log);
      for (const [meeting, why] of refused)
        console.error(
          `belfry: meeting ${meeting} is not exported: ${why.message} [${why.code}]\n${EXPORT_REMEDY}`,
        );
      const isFound = printed > 0 || refused.size > 0;
      if (!isFound) console.error(NOTHING_FOUND);
      return statusOf(isFound && records.every(({ isWhole }) => isWhole) && refused.size === 0);
    }),
};

export const audit: CommandGroup = {
  name: 'audit',
  summary: 'the record of what was decided: verify it, export a meeting',
  description: `A relay records who asked for what, and what was decided by which rule, in a chain of hashes with signed checkpoints.
Each start begins a record of its own. It holds random ids, never names, titles or addresses.`,
  commands: [verify, exportEntries],
};
