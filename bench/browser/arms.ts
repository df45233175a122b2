import { meanOf } from '../paired.ts';
import type { Place } from '../plot/panel.ts';
import { type Strip, stripsPanel } from '../plot/strips.ts';
import { type Measure, samplesOf } from './freezes.ts';
import type { Arm, Freezes } from './pairs.ts';

/** Told apart by most eyes that see fewer colours (Okabe and Ito). */
export const ARM_COLOURS: Readonly<Record<Arm, string>> = { sealed: '#0072b2', unsealed: '#d55e00' };
const ARMS: readonly Arm[] = ['unsealed', 'sealed'];

/** Both rounds of each pair, joined by a line. */
export const armsPanel = (place: Place, title: string, freezes: Freezes, measure: Measure): string[] => {
  const strips = ARMS.map((arm): Strip => {
    const samples = samplesOf(freezes, arm, measure);
    return { name: arm, colour: ARM_COLOURS[arm], samples, middle: meanOf(samples) };
  });
  const isCount = measure.unit === '1';
  return stripsPanel(place, {
    title,
    measure: isCount ? 'freezes' : measure.unit,
    isCount,
    paired: true,
    strips,
  });
};
