export interface Grid {
  readonly columns: number;
  readonly tileWidthPx: number;
}

/** Of tiles: cameras of laptops have it, and phones' pictures fit in. */
const RATIO = 16 / 9;
/** Narrower tiles show nobody's face: beyond that the grid scrolls. */
const MIN_TILE_WIDTH_PX = 144;
/** A single tile that fills a large screen shows more noise than face. */
const MAX_TILE_WIDTH_PX = 1120;

/** The number of columns with which `count` tiles are largest in a box, and their width. */
export const fitGrid = (count: number, widthPx: number, heightPx: number, gapPx: number): Grid => {
  let best: Grid = { columns: 1, tileWidthPx: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const tileWidthPx = widthOf(Math.ceil(count / columns), columns, widthPx, heightPx, gapPx);
    if (tileWidthPx > best.tileWidthPx) best = { columns, tileWidthPx };
  }
  return best.tileWidthPx >= MIN_TILE_WIDTH_PX ? best : scrolling(widthPx, gapPx);
};

const widthOf = (rows: number, columns: number, widthPx: number, heightPx: number, gapPx: number): number => {
  const byWidth = (widthPx - (columns - 1) * gapPx) / columns;
  const byHeight = ((heightPx - (rows - 1) * gapPx) / rows) * RATIO;
  return Math.floor(Math.min(byWidth, byHeight, MAX_TILE_WIDTH_PX));
};

const scrolling = (widthPx: number, gapPx: number): Grid => {
  const columns = Math.max(1, Math.floor((widthPx + gapPx) / (MIN_TILE_WIDTH_PX + gapPx)));
  return { columns, tileWidthPx: Math.floor((widthPx - (columns - 1) * gapPx) / columns) };
};
