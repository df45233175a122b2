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

/** From zero to the first labelled value at or above all `values`. */
export const linearScale = (values: readonly number[], place: Span, mostTicks = 5): Scale => {
  const largest = Math.max(...values, 0);
  const step = stepFor(largest > 0 ? largest : 1, mostTicks);
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
