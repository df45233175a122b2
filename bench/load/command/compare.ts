import { seededRandom } from '../../random.ts';
import { type Change, changesOf, differencesOf } from '../compare/compare.ts';
import { STATUS, type Status } from '../order.ts';
import { readResult } from '../report/folder.ts';
import { usage } from './print.ts';

/** Which values a draw takes does not matter, but that two comparisons of the same runs say the same. */
const SEED = 1;

const digits = (value: number): string => (Number.isNaN(value) ? '–' : String(Number(value.toPrecision(3))));

const lineOf = ({ measure, unit, a, b, low, high, verdict }: Change): string =>
  [
    measure.padEnd(42),
    unit.padEnd(6),
    digits(a).padStart(9),
    digits(b).padStart(9),
    `${digits(low)} to ${digits(high)}`.padStart(22),
    ` ${verdict === 'more' || verdict === 'less' ? verdict.toUpperCase() : verdict}`,
  ].join(' ');

const LIMITS =
  'Noise is what each of the two runs shows within itself; how much runs differ from one to the next they cannot tell.';

export const compare = (folderA: string, folderB: string): Status => {
  const [a, b] = [readResult(folderA), readResult(folderB)];
  if (!a.ok) return usage(a.refusal);
  if (!b.ok) return usage(b.refusal);
  for (const { valid, why, load } of [a.value, b.value])
    if (!valid) {
      console.log(`A run of ${load.scenario.name} is INVALID, and nothing is compared with it: ${why}`);
      return STATUS.invalid;
    }
  const differences = differencesOf(a.value, b.value);
  if (differences.length > 0)
    console.log(`The runs differ in ${differences.join(', ')}: a change below may come from there.\n`);
  console.log(
    [
      'measure'.padEnd(42),
      'unit'.padEnd(6),
      'A'.padStart(9),
      'B'.padStart(9),
      'B - A'.padStart(22),
      ' B has',
    ].join(' '),
  );
  const changes = changesOf(a.value, b.value, seededRandom(SEED));
  for (const change of changes) console.log(lineOf(change));
  console.log(`\n${sentenceOf(changes)}\n${LIMITS}`);
  return STATUS.passed;
};

const sentenceOf = (changes: readonly Change[]): string => {
  const told = changes.filter(({ verdict }) => verdict !== 'too few to tell');
  if (told.length === 0) return 'These runs are too short to tell anything.';
  const changed = told.filter(({ verdict }) => verdict !== 'within noise');
  if (changed.length === 0) return 'Nothing changed beyond noise.';
  return `Changed beyond noise: ${changed.map(({ measure, verdict }) => `${verdict} of ${measure}`).join('; ')}.`;
};
