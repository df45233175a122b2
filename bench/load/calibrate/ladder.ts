/** What one process took of a null reflector at one rate. Late times are of the 99th percentile. */
export interface Step {
  readonly perSecond: number;
  readonly due: number;
  readonly sent: number;
  readonly received: number;
  readonly dropped: number;
  /** Of a core. */
  readonly cpuShare: number;
  readonly cpuUsPerPacket: number;
  readonly loopLateMs: number;
  readonly delayMs: number;
}

export const FIRST_RATE = 1_000;
const FACTOR = 1.4;
/** No single process of this kind goes higher. */
const LAST_RATE = 200_000;
/** As the verdict on a run has it: later is a generator that does not keep time. */
const LATE_MS = 50;
const DROPS_SHARE = 0.001;
const LEAST_SENT_SHARE = 0.99;

export const nextRate = (rate: number): number | undefined => {
  const next = Math.round(rate * FACTOR);
  return next > LAST_RATE ? undefined : next;
};

/** Whether the reflector itself kept the rate: if not, the step says nothing of the receiver. */
export const isOffered = ({ sent, due }: Step): boolean => sent >= LEAST_SENT_SHARE * due;

export const isHeld = (step: Step): boolean =>
  isOffered(step) &&
  step.loopLateMs <= LATE_MS &&
  step.delayMs <= LATE_MS &&
  step.received >= (1 - DROPS_SHARE) * step.sent;

/** The highest rate that was held, and what ended the climb. */
export const ceilingOf = (steps: readonly Step[]): { readonly step: Step | undefined; readonly limit: 'receiver' | 'reflector' | 'top' } => {
  const last = steps.at(-1);
  const step = steps.findLast(isHeld);
  if (last === undefined || isHeld(last)) return { step, limit: 'top' };
  return { step, limit: isOffered(last) ? 'receiver' : 'reflector' };
};
