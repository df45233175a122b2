/** A page of 12-point text on a full screen, and the means to say how much of it can still be told apart. */
const WIDTH_PX = 1920;
const HEIGHT_PX = 1080;
/** At 96 pixels to the inch: 12 points. */
const FONT = '16px monospace';
const CELL = { widthPx: 12, heightPx: 24 };
const COLUMNS = 100;
const LINES = 40;
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const DRAWN_PER_SECOND = 5;

type Picture = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** The letters of page `page`: the same wherever it is asked. */
const textOf = (page: number): string => {
  let state = page + 1;
  return Array.from({ length: COLUMNS * LINES }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return ALPHABET[(state >>> 16) % ALPHABET.length];
  }).join('');
};

const blank = (picture: Picture, widthPx: number, heightPx: number): void => {
  picture.fillStyle = 'white';
  picture.fillRect(0, 0, widthPx, heightPx);
  Object.assign(picture, { fillStyle: 'black', font: FONT, textBaseline: 'middle', textAlign: 'center' });
};

const drawLetter = (picture: Picture, letter: string, xPx: number, yPx: number): void =>
  picture.fillText(letter, xPx + CELL.widthPx / 2, yPx + CELL.heightPx / 2);

const cornerOf = (index: number) => ({
  xPx: (index % COLUMNS) * CELL.widthPx,
  yPx: Math.floor(index / COLUMNS) * CELL.heightPx,
});

const drawPage = (picture: Picture, page: number): void => {
  blank(picture, WIDTH_PX, HEIGHT_PX);
  [...textOf(page)].forEach((letter, index) => {
    const { xPx, yPx } = cornerOf(index);
    drawLetter(picture, letter, xPx, yPx);
  });
};

export interface TextPages {
  readonly track: MediaStreamTrack;
  turnTo(page: number): void;
}

/** A screen that shows a page, with a cursor that blinks, so that pictures of it go on. */
export const showPages = (): TextPages => {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: WIDTH_PX, height: HEIGHT_PX });
  const picture = canvas.getContext('2d');
  if (picture === null) throw new Error('no canvas');
  let blinks = 0;
  setInterval(() => {
    blinks += 1;
    picture.fillStyle = blinks % 2 === 0 ? 'white' : 'black';
    picture.fillRect(WIDTH_PX - CELL.widthPx, HEIGHT_PX - CELL.heightPx, CELL.widthPx, CELL.heightPx);
  }, 1_000 / DRAWN_PER_SECOND);
  const [track] = canvas.captureStream(DRAWN_PER_SECOND).getVideoTracks();
  if (track === undefined) throw new Error('no track');
  return { track, turnTo: (page) => drawPage(picture, page) };
};

const greyOf = ({ data }: ImageData): number[] =>
  Array.from({ length: data.length / 4 }, (_, i) => data[i * 4 + 1] ?? 0);

const letterPictures = (): ReadonlyMap<string, readonly number[]> => {
  const picture = new OffscreenCanvas(CELL.widthPx, CELL.heightPx).getContext('2d');
  if (picture === null) throw new Error('no canvas');
  const draw = (letter: string): readonly number[] => {
    blank(picture, CELL.widthPx, CELL.heightPx);
    drawLetter(picture, letter, 0, 0);
    return greyOf(picture.getImageData(0, 0, CELL.widthPx, CELL.heightPx));
  };
  return new Map([...ALPHABET].map((letter) => [letter, draw(letter)]));
};

const distance = (one: readonly number[], other: readonly number[]): number =>
  one.reduce((sum, grey, i) => sum + (grey - (other[i] ?? 0)) ** 2, 0);

const nearest = (cell: readonly number[], letters: ReadonlyMap<string, readonly number[]>): string => {
  let best = { letter: '', away: Number.POSITIVE_INFINITY };
  for (const [letter, picture] of letters) {
    const away = distance(cell, picture);
    if (away < best.away) best = { letter, away };
  }
  return best.letter;
};

export interface Reading {
  readonly widthPx: number;
  /** The share of the letters that look more like another letter. */
  readonly misread: number;
}

/** Reads page `page` off a video: each letter is taken for the one that it looks most like. */
export const readPage = (video: HTMLVideoElement, page: number): Reading => {
  const picture = new OffscreenCanvas(WIDTH_PX, HEIGHT_PX).getContext('2d');
  if (picture === null) throw new Error('no canvas');
  picture.drawImage(video, 0, 0, WIDTH_PX, HEIGHT_PX);
  const letters = letterPictures();
  const wrong = [...textOf(page)].filter((letter, index) => {
    const { xPx, yPx } = cornerOf(index);
    return nearest(greyOf(picture.getImageData(xPx, yPx, CELL.widthPx, CELL.heightPx)), letters) !== letter;
  });
  return { widthPx: video.videoWidth, misread: wrong.length / (COLUMNS * LINES) };
};
