type Attributes = Readonly<Record<string, string | number>>;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);

/** Two digits behind the point are finer than any screen. */
const written = (value: string | number): string =>
  typeof value === 'number' ? String(Number(value.toFixed(2))) : escaped(value);

/** One element. `content` is markup already; words go through `label`. */
export const element = (name: string, attributes: Attributes, content = ''): string => {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${written(value)}"`);
  return content === '' ? `<${name}${list.join('')}/>` : `<${name}${list.join('')}>${content}</${name}>`;
};

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const label = ({ x, y }: Point, text: string, attributes: Attributes = {}): string =>
  element('text', { x, y, ...attributes }, escaped(text));

export const line = (from: Point, to: Point, attributes: Attributes): string =>
  element('line', { x1: from.x, y1: from.y, x2: to.x, y2: to.y, ...attributes });

export const dot = ({ x, y }: Point, attributes: Attributes): string =>
  element('circle', { cx: x, cy: y, ...attributes });

export const path = (points: readonly Point[], attributes: Attributes): string =>
  element('polyline', {
    points: points.map(({ x, y }) => `${written(x)},${written(y)}`).join(' '),
    fill: 'none',
    ...attributes,
  });

const FONT = 'system-ui, sans-serif';

/** A whole drawing on white, a part per line. */
export const drawing = (width: number, height: number, parts: readonly string[]): string => {
  const background = element('rect', { width, height, fill: '#fff' });
  const root = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    'font-family': FONT,
    'font-size': 12,
    fill: '#222',
  };
  return `${element('svg', root, `\n${[background, ...parts].join('\n')}\n`)}\n`;
};
