import { across, frame, levelAxis, type Place, upward } from './panel.ts';
import { linearScale } from './scale.ts';
import { dot, line, type Point } from './svg.ts';

/** The samples of one case, in the order of the rounds. */
export interface Strip {
  readonly name: string;
  readonly colour: string;
  readonly samples: readonly number[];
  /** Drawn as a bar across: a mean, or a median; the panel's title says which. */
  readonly middle: number;
}

export interface StripsPanel {
  readonly title: string;
  readonly measure: string;
  readonly strips: readonly Strip[];
  /** Whether samples of one round are joined by a line. */
  readonly paired: boolean;
  /** Whether there is nothing between two whole numbers. */
  readonly isCount: boolean;
}

/** Dots of one strip side by side, so that equal values do not hide each other: as wide as this share of its column. */
const SPREAD = 0.36;

interface Column {
  readonly strip: Strip;
  readonly centre: number;
  readonly width: number;
}

/** Where round `i` of `count` stands in its column. */
const spreadOver = ({ centre, width }: Column, i: number, count: number): number =>
  centre + (count < 2 ? 0 : (i / (count - 1) - 0.5) * SPREAD * width);

/** One dot per sample, strip beside strip. */
export const stripsPanel = (
  place: Place,
  { title, measure, strips, paired, isCount }: StripsPanel,
): string[] => {
  const scale = linearScale(
    strips.flatMap(({ samples, middle }) => [...samples, middle]),
    upward(place),
    isCount ? 1 : 0,
  );
  const { from, to } = across(place);
  const width = (to - from) / strips.length;
  const columns = strips.map((strip, i): Column => ({ strip, centre: from + (i + 0.5) * width, width }));
  const pointsOf = (column: Column) =>
    column.strip.samples.map((value, i, all) => ({
      x: spreadOver(column, i, all.length),
      y: scale.at(value),
    }));
  const pairs = paired ? linesBetween(columns.map(pointsOf)) : [];
  const dots = columns.flatMap((column) =>
    pointsOf(column).map((point) => dot(point, { r: 4, fill: column.strip.colour, 'fill-opacity': 0.7 })),
  );
  const bars = columns.map(({ strip, centre }) => {
    const y = scale.at(strip.middle);
    const half = (SPREAD + 0.14) * (width / 2);
    return line({ x: centre - half, y }, { x: centre + half, y }, { stroke: '#222', 'stroke-width': 2.5 });
  });
  const names = columns.map(({ strip, centre }) => ({ x: centre, text: strip.name }));
  return [...frame(place, { title, measure, scale }), ...pairs, ...dots, ...bars, ...levelAxis(place, names)];
};

/** From each strip to the next, round by round. */
const linesBetween = (strips: readonly (readonly Point[])[]): string[] =>
  strips.slice(1).flatMap((points, i) =>
    points.flatMap((to, round) => {
      const from = strips[i]?.[round];
      return from === undefined ? [] : [line(from, to, { stroke: '#ccc' })];
    }),
  );
