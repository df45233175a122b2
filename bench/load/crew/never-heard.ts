import type { Visit } from '../scenario/plan.ts';
import type { PlannedSender } from './messages.ts';

/** Who was there together for less may never have been heard for want of time. */
const LEAST_TOGETHER_MS = 5_000;

export interface Hearing {
  readonly visit: Pick<Visit, 'index' | 'meeting' | 'joinAtMs'>;
  /** Numbers of visits of which a frame was opened. */
  readonly heard: ReadonlySet<number>;
  /** Of all visits of the run. */
  readonly plannedMs: readonly number[];
  readonly senders: readonly PlannedSender[];
  /** When the visit ends, from the start of the run. */
  readonly untilMs: number;
}

/** How long somebody waited for each who came later, was to send all the time, and was never heard: the least of what it would have been. */
export const neverHeardMs = ({ visit, heard, plannedMs, senders, untilMs }: Hearing): number[] =>
  senders
    .filter(({ index, meeting, always }) => always && meeting === visit.meeting && index !== visit.index)
    .filter(({ index }) => !heard.has(index) && (plannedMs[index] ?? 0) > visit.joinAtMs)
    .map(({ index, leaveAtMs }) => Math.min(untilMs, leaveAtMs) - (plannedMs[index] ?? 0))
    .filter((ms) => ms >= LEAST_TOGETHER_MS);
