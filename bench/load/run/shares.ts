import type { Visit } from '../scenario/plan.ts';

/** Whoever sends, or opens all that comes, would be held up by others who are just coming in. */
const isMeasured = ({ weight, sends }: Visit): boolean =>
  weight === 'full' || sends.cameraLayers > 0 || sends.microphone !== 'off';

const split = (visits: readonly Visit[]) =>
  [visits.filter(isMeasured), visits.filter((visit) => !isMeasured(visit))] as const;

/** One for each core, and one more where some have a process of their own: it does little, and must not wait. */
export const usualProcesses = (visits: readonly Visit[], cores: number): number => {
  const [measured, others] = split(visits);
  const isMixed = measured.length > 0 && others.length > 0;
  return Math.min(visits.length, cores + (isMixed ? 1 : 0));
};

const spread = (visits: readonly Visit[], processes: number): Visit[][] =>
  Array.from({ length: processes }, (_, nth) => visits.filter((_one, i) => i % processes === nth));

/**
 * Who is in which process: one after another, in the order of their coming. Where some only watch, those who send or open all
 * have processes of their own, as many as their part of all people, and at least one.
 */
export const sharesOf = (visits: readonly Visit[], processes: number): readonly (readonly Visit[])[] => {
  const [measured, others] = split(visits);
  if (measured.length === 0 || others.length === 0 || processes < 2) return spread(visits, processes);
  const forMeasured = Math.round((processes * measured.length) / visits.length);
  const own = Math.min(processes - 1, Math.max(1, forMeasured));
  return [...spread(measured, own), ...spread(others, processes - own)];
};
