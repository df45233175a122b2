import type { Scale, Span } from './scale.ts';
import { element, label, line, type Point } from './svg.ts';

/** Where a panel stands on the drawing, axes and words included. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const MARGIN = { left: 58, right: 14, top: 44, bottom: 46 } as const;
const GRID = { stroke: '#e4e4e4' } as const;
const AXIS = { stroke: '#888' } as const;

export const across = ({ x, width }: Place): Span => ({
  from: x + MARGIN.left,
  to: x + width - MARGIN.right,
});
/** Larger values stand higher. */
export const upward = ({ y, height }: Place): Span => ({
  from: y + height - MARGIN.bottom,
  to: y + MARGIN.top,
});

export interface Frame {
  readonly title: string;
  /** Of the upright axis, with its unit. */
  readonly measure: string;
  readonly scale: Scale;
  readonly tickText?: (value: number) => string;
}

/** Title, upright axis and its grid. */
export const frame = (place: Place, { title, measure, scale, tickText = String }: Frame): string[] => {
  const { from: left, to: right } = across(place);
  const { from: bottom, to: top } = upward(place);
  const middle = (bottom + top) / 2;
  const grid = scale.ticks.flatMap((value) => {
    const y = scale.at(value);
    return [
      line({ x: left, y }, { x: right, y }, GRID),
      label({ x: left - 6, y: y + 4 }, tickText(value), { 'text-anchor': 'end' }),
    ];
  });
  return [
    label({ x: place.x + 8, y: place.y + 20 }, title, { 'font-size': 14, 'font-weight': 600 }),
    label({ x: 0, y: 0 }, measure, {
      transform: `translate(${place.x + 14} ${middle}) rotate(-90)`,
      'text-anchor': 'middle',
    }),
    ...grid,
    line({ x: left, y: bottom }, { x: right, y: bottom }, AXIS),
  ];
};

/** Words below the level axis: one at each place, and the axis's own name where it has one. */
export const levelAxis = (
  place: Place,
  ticks: readonly { readonly x: number; readonly text: string }[],
  measure?: string,
): string[] => {
  const { from: bottom } = upward(place);
  const { from, to } = across(place);
  const words = ticks.map(({ x, text }) => label({ x, y: bottom + 17 }, text, { 'text-anchor': 'middle' }));
  if (measure === undefined) return words;
  return [...words, label({ x: (from + to) / 2, y: bottom + 36 }, measure, { 'text-anchor': 'middle' })];
};

export interface LegendEntry {
  readonly text: string;
  readonly colour: string;
}

const LEGEND_STEP = 18;

/** From `at` downwards. */
export const legend = (at: Point, entries: readonly LegendEntry[]): string[] =>
  entries.flatMap(({ text, colour }, i) => {
    const y = at.y + i * LEGEND_STEP;
    return [
      element('rect', { x: at.x, y: y - 9, width: 12, height: 10, fill: colour }),
      label({ x: at.x + 18, y }, text),
    ];
  });
