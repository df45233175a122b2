import { seededRandom } from '../random.ts';
import { rowsOf } from '../rows.ts';
import type { BenchOptions, Measured, Scenario } from '../scenario.ts';
import { costFault, costNotes, costSeries, measureCosts } from './costs.ts';
import { differencesOf, freezeFaults, freezeNotes, freezeSeries } from './freezes.ts';
import { joinNotes, joinSeries, measureJoins } from './joins.ts';
import { measureFreezes } from './pairs.ts';
import { type Picture, pictureOf } from './picture.ts';
import { Theatre } from './theatre.ts';

/** One after another: each has the machine for itself. */
const measure = async (theatre: Theatre, { quick, seed }: BenchOptions): Promise<Picture> => {
  await theatre.startRelay();
  const person = await theatre.person('Nobody');
  const costs = await measureCosts(person, quick, seed);
  await person.page.context().close();
  const joins = await measureJoins(theatre, quick);
  const freezes = await measureFreezes(theatre, quick, seededRandom(seed));
  return { costs, joins, freezes };
};

const run = async (options: BenchOptions): Promise<Measured> => {
  const theatre = await Theatre.open();
  const picture = await measure(theatre, options).finally(() => theatre.close());
  const { costs, joins, freezes } = picture;
  const differences = differencesOf(freezes, seededRandom(options.seed));
  const faults = [costFault(costs), ...freezeFaults(freezes)].filter((why) => why !== undefined);
  return {
    rows: rowsOf([...costSeries(costs), ...joinSeries(joins), ...freezeSeries(freezes, differences)]),
    valid: faults.length === 0,
    why: faults.length === 0 ? null : faults.join('; '),
    notes: [...costNotes(costs), ...joinNotes(joins), ...freezeNotes(freezes, differences)],
    drawing: pictureOf(picture),
  };
};

export const browser: Scenario = {
  summary: 'in Chromium: cost per frame, join to first frame, freezes under loss sealed and unsealed',
  run,
};
