import { type Strip, stripsPanel } from '../plot/strips.ts';
import { drawing } from '../plot/svg.ts';
import { summarize } from '../stats.ts';
import { type Outcomes, type Peer, relayCosts } from './results.ts';

/** Told apart by most eyes that see fewer colours (Okabe and Ito). */
const COLOURS: Readonly<Record<Peer, string>> = {
  belfry: '#0072b2',
  unsealed: '#56b4e9',
  mediasoup: '#d55e00',
  unestimated: '#e69f00',
  janus: '#cc79a7',
  floor: '#009e73',
};
const SHORT: Readonly<Record<Peer, string>> = {
  belfry: 'Belfry',
  unsealed: 'unsealed',
  mediasoup: 'mediasoup',
  unestimated: 'no estimate',
  janus: 'janus',
  floor: 'floor',
};
const WIDTH = 540;
const HEIGHT = 320;
const COLUMNS = 2;

const stripOf = (outcomes: Outcomes, form: number): Strip[] => {
  const samples = relayCosts(outcomes, form);
  const summary = summarize(samples);
  if (summary === undefined) return [];
  return [{ name: SHORT[outcomes.peer], colour: COLOURS[outcomes.peer], samples, middle: summary.p50 }];
};

/** A panel for each setting and form: what each round measured of each peer. */
export const pictureOf = (all: readonly Outcomes[]): string => {
  const settings = [...new Set(all.map(({ setting }) => setting))];
  const panels = settings.flatMap((setting) =>
    setting.forms.map((form, i) => ({
      title: `CPU per packet: ${setting.name}, ${form}; bar: p50`,
      strips: all.filter((one) => one.setting === setting).flatMap((one) => stripOf(one, i)),
    })),
  );
  const rows = Math.ceil(panels.length / COLUMNS);
  return drawing(
    COLUMNS * WIDTH,
    rows * HEIGHT,
    panels.flatMap(({ title, strips }, i) => {
      const place = {
        x: (i % COLUMNS) * WIDTH,
        y: Math.floor(i / COLUMNS) * HEIGHT,
        width: WIDTH,
        height: HEIGHT,
      };
      return stripsPanel(place, { title, measure: 'us', isCount: false, paired: false, strips });
    }),
  );
};
