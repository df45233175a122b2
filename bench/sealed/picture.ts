import { armsPanel } from '../browser/arms.ts';
import { drawing } from '../plot/svg.ts';
import { AGREEING, lossLabel, type Outcome } from './results.ts';

const WIDTH = 360;
const HEIGHT = 330;

const PANELS = [
  { key: 'freezes', title: 'Freezes in a round' },
  { key: 'concealed', title: 'Sound made up' },
  { key: 'resent', title: 'Came again of what was lost' },
] as const satisfies readonly { readonly key: keyof typeof AGREEING; readonly title: string }[];

const rowOf = ({ freezes }: Outcome, row: number): string[] =>
  PANELS.flatMap(({ key, title }, column) => {
    const place = { x: column * WIDTH, y: row * HEIGHT, width: WIDTH, height: HEIGHT };
    return armsPanel(place, `${title}, ${lossLabel(freezes.losses)}`, freezes, AGREEING[key]);
  });

/** A row of panels for each path: every round a dot, a line from one to the other of its pair, and their mean as a bar. */
export const pictureOf = (outcomes: readonly Outcome[]): string => {
  const drawn = outcomes.filter(({ freezes }) => freezes.pairs.length > 0);
  return drawing(PANELS.length * WIDTH, Math.max(1, drawn.length) * HEIGHT, drawn.flatMap(rowOf));
};
