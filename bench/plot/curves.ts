import { across, frame, legend, levelAxis, type Place, upward } from './panel.ts';
import { logPlaces, logScale } from './scale.ts';
import { dot, line, path } from './svg.ts';

export interface CurvePoint {
  readonly x: number;
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

export interface Curve {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly CurvePoint[];
}

export interface CurvesPanel {
  readonly title: string;
  readonly xMeasure: string;
  readonly yMeasure: string;
  readonly xText: (value: number) => string;
  readonly curves: readonly Curve[];
}

/** Curves stand this many pixels beside each other, so that their spreads can be told apart. */
const ASIDE = 5;

/** A line through the middles, a stroke from low to high at each; both axes logarithmic. All values are above zero. */
export const curvesPanel = (place: Place, panel: CurvesPanel): string[] => {
  const { title, curves } = panel;
  const points = curves.flatMap((curve) => curve.points);
  const xs = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  const level = logPlaces(xs, across(place));
  const scale = logScale(
    points.flatMap(({ low, high }) => [low, high]),
    upward(place),
  );
  const drawn = curves.flatMap((curve, i) => {
    const aside = (i - (curves.length - 1) / 2) * ASIDE;
    return drawCurve(
      curve,
      (value) => level.at(value) + aside,
      (value) => scale.at(value),
    );
  });
  return [
    ...frame(place, { title, measure: panel.yMeasure, scale }),
    ...drawn,
    ...levelAxis(
      place,
      xs.map((x) => ({ x: level.at(x), text: panel.xText(x) })),
      panel.xMeasure,
    ),
    ...legend({ x: across(place).from + 12, y: upward(place).to + 10 }, [
      ...curves.map(({ name, colour }) => ({ text: name, colour })),
    ]),
  ];
};

const drawCurve = (
  { colour, points }: Curve,
  xAt: (value: number) => number,
  yAt: (value: number) => number,
): string[] => [
  ...points.map(({ x, low, high }) =>
    line(
      { x: xAt(x), y: yAt(low) },
      { x: xAt(x), y: yAt(high) },
      { stroke: colour, 'stroke-width': 2, 'stroke-opacity': 0.45 },
    ),
  ),
  path(
    points.map(({ x, middle }) => ({ x: xAt(x), y: yAt(middle) })),
    { stroke: colour, 'stroke-width': 2 },
  ),
  ...points.map(({ x, middle }) => dot({ x: xAt(x), y: yAt(middle) }, { r: 4, fill: colour })),
];
