import type { SealingReport } from './report.ts';

/** What is known before anything was measured, and can be why it does not come to that. */
export interface Findings {
  /** Frames that opened and are not what was sent, of all streams. */
  readonly wrong: number;
  readonly refusedByCode: Readonly<Record<string, number>>;
  readonly sealing: readonly SealingReport[];
  /** Whose source the relay stopped because it could read it. */
  readonly seenInClear: readonly string[];
  readonly faults: readonly string[];
}

/** Every known cause as a reason; none where nothing is known. */
export const causesOf = ({ wrong, refusedByCode, sealing, seenInClear, faults }: Findings): string[] => [
  ...seenInClear.map(seenInClearReason),
  ...sealing.flatMap(sealingReasons),
  ...(wrong > 0 ? [`${wrong} frames arrived and differ from what was sent`] : []),
  ...refusedReasons(refusedByCode),
  ...faults,
];

export const seenInClearReason = (name: string): string =>
  `the relay stopped a source of ${name} that it could read [media.seen-in-clear]`;

export const sealingReasons = ({ name, looked, faults }: SealingReport): string[] =>
  Object.entries(faults).map(
    ([fault, count]) => `${name}'s sealing, ${count} of ${looked} frames looked at: ${fault}`,
  );

export const refusedReasons = (refusedByCode: Readonly<Record<string, number>>): string[] =>
  Object.entries(refusedByCode).map(([code, count]) => `${count} frames were refused [${code}]`);
