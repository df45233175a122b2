import type { SealingReport } from './report.ts';

const STOPPED_FOR = {
  'media.seen-in-clear': 'that it could read',
  'media.wrong-sender': 'whose frames did not carry its number',
} as const;
export type StopCode = keyof typeof STOPPED_FOR;
export const isStopCode = (code: string): code is StopCode => Object.hasOwn(STOPPED_FOR, code);

export interface Stopped {
  readonly name: string;
  readonly code: StopCode;
}

/** What is known before anything was measured, and can be why it does not come to that. */
export interface Findings {
  /** Frames that opened and are not what was sent, of all streams. */
  readonly wrong: number;
  readonly refusedByCode: Readonly<Record<string, number>>;
  readonly sealing: readonly SealingReport[];
  /** Whose source the relay stopped because of what its frames looked like. */
  readonly stopped: readonly Stopped[];
  readonly faults: readonly string[];
}

/** Every known cause as a reason; none where nothing is known. */
export const causesOf = ({ wrong, refusedByCode, sealing, stopped, faults }: Findings): string[] => [
  ...stopped.map(stoppedReason),
  ...sealing.flatMap(sealingReasons),
  ...(wrong > 0 ? [`${wrong} frames arrived and differ from what was sent`] : []),
  ...refusedReasons(refusedByCode),
  ...faults,
];

export const stoppedReason = ({ name, code }: Stopped): string =>
  `the relay stopped a source of ${name} ${STOPPED_FOR[code]} [${code}]`;

export const sealingReasons = ({ name, looked, faults }: SealingReport): string[] =>
  Object.entries(faults).map(
    ([fault, count]) => `${name}'s sealing, ${count} of ${looked} frames looked at: ${fault}`,
  );

export const refusedReasons = (refusedByCode: Readonly<Record<string, number>>): string[] =>
  Object.entries(refusedByCode).map(([code, count]) => `${count} frames were refused [${code}]`);
