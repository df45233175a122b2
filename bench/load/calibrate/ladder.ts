/** What one process took of a null reflector at one rate. Late times are of the 99th percentile. */
export interface Step {
  readonly perSecond: number;
  readonly due: number;
  readonly sent: number;
  readonly sentLateMs: number;
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

/** A reflector that is later than this sends bursts: what they bring costs the receiver a fraction of what it would. */
const EVEN_WITHIN_MS = 2;

/** Whether the reflector itself kept the rate, and evenly: if not, the step says nothing of the receiver. */
const isOffered = ({ sent, due, sentLateMs }: Step): boolean =>
  sent >= LEAST_SENT_SHARE * due && sentLateMs <= EVEN_WITHIN_MS;

export const isHeld = (step: Step): boolean =>
  isOffered(step) &&
  step.loopLateMs <= LATE_MS &&
  step.delayMs <= LATE_MS &&
  step.received >= (1 - DROPS_SHARE) * step.sent;

/** Of a core: below it the receiver had room left, and something else kept it from what it was sent. */
const SPENT_SHARE = 0.75;

export type Limit = 'receiver' | 'reflector' | 'machine' | 'top';

const limitOf = (steps: readonly Step[]): Limit => {
  const last = steps.at(-1);
  if (last === undefined) return 'machine';
  if (isHeld(last)) return 'top';
  // A receiver that falls behind may use less than one that just keeps up.
  if (steps.slice(-2).some(({ cpuShare }) => cpuShare >= SPENT_SHARE)) return 'receiver';
  return isOffered(last) ? 'machine' : 'reflector';
};

/** The highest rate that was held, and what ended the climb: only a receiver that spent its core has shown its ceiling. */
export const ceilingOf = (
  steps: readonly Step[],
): { readonly step: Step | undefined; readonly limit: Limit } => ({
  step: steps.findLast(isHeld),
  limit: limitOf(steps),
});
