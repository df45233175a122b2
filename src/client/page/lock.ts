import type { MeetingState } from '../store/state.ts';

/** While somebody comes or goes, devices are in two epochs for a moment: what is of the other one means nothing. */
const NOT_COUNTED: ReadonlySet<string> = new Set([
  'frame.later-epoch',
  'frame.earlier-epoch',
  'frame.forgotten-epoch',
]);

/**
 * What this client itself verified. Nothing here rests on the relay: who is counted showed a certificate that holds, what is
 * counted as refused failed to open here, and the relay's own view of what is sealed has no say.
 */
export interface LockFacts {
  /** This person included. */
  readonly verified: number;
  readonly refusedFrames: number;
  readonly refusedPeople: number;
  readonly refusedStreams: number;
}

export const lockFacts = (state: MeetingState): LockFacts => ({
  verified: state.participants.size + (state.self === undefined ? 0 : 1),
  refusedFrames: Object.entries(state.refusedFrames).reduce(
    (sum, [code, count]) => (NOT_COUNTED.has(code) ? sum : sum + count),
    0,
  ),
  refusedPeople: state.unverified.size,
  refusedStreams: state.refusedStreams,
});

export const hasRefusals = ({ refusedFrames, refusedPeople, refusedStreams }: LockFacts): boolean =>
  refusedFrames + refusedPeople + refusedStreams > 0;
