/** From values to places on the drawing, and the values worth a label. */
export interface Scale {
  at(value: number): number;
  readonly ticks: readonly number[];
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

const STEPS = [1, 2, 5, 10];

/** The smallest of 1, 2, 5 times a power of ten that cuts `length` into no more than `most` parts. */
const stepFor = (length: number, most: number): number => {
  const power = 10 ** Math.floor(Math.log10(length / most));
  return power * (STEPS.find((step) => length / (step * power) <= most) ?? 10);
};

/** More labels than this say no more. */
const MOST_PARTS = 5;

/** From zero to the first labelled value at or above all `values`; labels are `leastStep` apart or more. */
export const linearScale = (values: readonly number[], place: Span, leastStep = 0): Scale => {
  const largest = Math.max(...values, 0);
  const step = Math.max(leastStep, stepFor(largest > 0 ? largest : 1, MOST_PARTS));
  const count = Math.max(1, Math.ceil(largest / step - 1e-9));
  const end = count * step;
  return {
    at: (value) => place.from + (value / end) * (place.to - place.from),
    ticks: Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(12))),
  };
};

/** Powers of ten around all `values`, which are above zero. */
export const logScale = (values: readonly number[], place: Span): Scale => {
  const first = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  return {
    at: (value) => place.from + ((Math.log10(value) - first) / (last - first)) * (place.to - place.from),
    ticks: Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i)),
  };
};

/** Given values alone, each in its place by its logarithm, with air on both sides; they are above zero and not all one. */
export const logPlaces = (values: readonly number[], place: Span): Scale => {
  const air = (place.to - place.from) / 12;
  const [first, last] = [Math.log10(Math.min(...values)), Math.log10(Math.max(...values))];
  const length = place.to - place.from - 2 * air;
  return {
    at: (value) => place.from + air + ((Math.log10(value) - first) / (last - first)) * length,
    ticks: values,
  };
};
