import type { ParticipantId } from '../../base/ids.ts';

/** Why a member does not take a commit. */
export interface Rejection {
  readonly meeting: string;
  /** That the commit would have led into. */
  readonly epoch: number;
  /** Its hash. */
  readonly commit: string;
  readonly code: string;
}

/** Signs as this device, and opens what others signed: everybody hears of a rejection, and nobody can say it for another. */
export interface Rejections {
  sign(rejection: Rejection): Promise<string>;
  /** `undefined` for what `by` did not sign. */
  open(by: ParticipantId, reason: string): Promise<Rejection | undefined>;
}
