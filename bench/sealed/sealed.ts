import { freezeFaults } from '../browser/freezes.ts';
import { type Freezes, measurePairs, type PairsPlan } from '../browser/pairs.ts';
import { LOSSES, type Losses } from '../browser/rounds.ts';
import { Theatre } from '../browser/theatre.ts';
import { type Random, seededRandom } from '../random.ts';
import { rowsOf } from '../rows.ts';
import type { BenchOptions, Measured, Scenario } from '../scenario.ts';
import { pictureOf } from './picture.ts';
import { notesOf, type Outcome, outcomeOf, seriesOf } from './results.ts';

/*
 * The same meeting sealed and unsealed, over a path that loses packets: what retransmission brings back, gaps in the sound,
 * frozen pictures. Unsealed is the page without any transform, behind a relay whose witness looks away: the product has
 * neither. Both rounds of a pair run at once under one seed's losses, as `bench browser` has it, and who begins alternates.
 */

const MILD: Losses = { ...LOSSES, share: 0.02 };
const PLAN = {
  full: {
    losses: [MILD, LOSSES],
    pairs: 12,
    settleMs: 6_000,
    cleanMs: 2_000,
    lossyMs: 20_000,
    mostRepeated: 8,
  },
  quick: { losses: [LOSSES], pairs: 1, settleMs: 2_000, cleanMs: 1_000, lossyMs: 6_000, mostRepeated: 2 },
} as const satisfies Readonly<
  Record<string, Omit<PairsPlan, 'losses'> & { readonly losses: readonly Losses[] }>
>;

const measureAll = async (theatre: Theatre, quick: boolean, random: Random): Promise<Freezes[]> => {
  const { losses, ...plan } = quick ? PLAN.quick : PLAN.full;
  const found: Freezes[] = [];
  for (const one of losses) found.push(await measurePairs(theatre, { ...plan, losses: one }, random));
  return found;
};

const measuredOf = (outcomes: readonly Outcome[]): Measured => {
  const faults = outcomes.flatMap(({ freezes }) => freezeFaults(freezes));
  return {
    rows: rowsOf(outcomes.flatMap(seriesOf)),
    valid: faults.length === 0,
    why: faults.length === 0 ? null : faults.join('; '),
    notes: outcomes.flatMap(notesOf),
    drawing: pictureOf(outcomes),
  };
};

const run = async ({ quick, seed }: BenchOptions): Promise<Measured> => {
  const theatre = await Theatre.open();
  const found = await measureAll(theatre, quick, seededRandom(seed)).finally(() => theatre.close());
  return measuredOf(found.map((freezes) => outcomeOf(freezes, seededRandom(seed))));
};

export const sealed: Scenario = {
  summary: 'in Chromium: one meeting sealed and unsealed under loss; retransmission, gaps, freezes',
  run,
};
