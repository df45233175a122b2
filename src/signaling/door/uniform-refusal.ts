import type { Clock, RandomBytes } from '../../base/clock.ts';
import type { MeetingId, SessionId } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import type { Redact } from '../../base/redact.ts';
import type { Refusal } from '../../base/result.ts';
import type { SignalingLimits } from '../limits.ts';
import { ENTRY_REFUSED } from '../meeting/rules.ts';
import type { AuditSink } from '../ports.ts';
import type { Session } from '../session/session.ts';
import type { Sessions } from '../session/sessions.ts';
import { REFERENCE_BYTES, referenceOf } from './reference.ts';

export interface UniformRefusalOptions {
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly logger: Logger;
  readonly redact: Redact;
  readonly audit: AuditSink;
  readonly limits: Pick<SignalingLimits, 'entryRefusalMs'>;
  readonly sessions: Pick<Sessions, 'get'>;
  readonly refuse: (session: Session, re: number, refusal: Refusal) => void;
}

/** What was asked for, by which request, and when it came. */
export interface Asked {
  readonly what: 'entry' | 'convening';
  readonly meeting: MeetingId;
  readonly re: number;
  readonly atMs: number;
}

/** One answer at one time for every reason; the reason stands in the record, under the reference that the person hears. */
export class UniformRefusal {
  readonly #options: UniformRefusalOptions;

  constructor(options: UniformRefusalOptions) {
    this.#options = options;
  }

  /** `onTold`: just before the session hears it. */
  turnAway(
    { id, link }: Session,
    { what, meeting, re, atMs }: Asked,
    rule: string,
    onTold: () => void = () => {},
  ): void {
    const { clock, sessions, refuse } = this.#options;
    const reference = this.#record(id, what, meeting, rule);
    link?.refused();
    clock.after(this.#untilDeadline(atMs), () => {
      const session = sessions.get(id);
      onTold();
      if (session !== undefined) refuse(session, re, { ...ENTRY_REFUSED, reference });
    });
  }

  /** Whoever was told to wait, and is not let in: in the same words, at once. */
  turnAwayNow(session: Session, { what, meeting, re }: Asked, rule: string): void {
    const reference = this.#record(session.id, what, meeting, rule);
    this.#options.refuse(session, re, { ...ENTRY_REFUSED, reference });
  }

  #record(by: SessionId, asked: Asked['what'], meeting: MeetingId, rule: string): string {
    const { audit, randomBytes, logger, redact } = this.#options;
    const reference = referenceOf(randomBytes(REFERENCE_BYTES));
    audit.write({ kind: 'decision', meeting, asked, allowed: false, rule, by, reference });
    logger.warn('entry.refused', { session: redact(by), why: rule });
    return reference;
  }

  /** Whoever took longer to judge than the deadline waits for the next one: how long it took is not told either. */
  #untilDeadline(atMs: number): number {
    const { clock, limits } = this.#options;
    const periodMs = limits.entryRefusalMs;
    const takenMs = clock.nowMs() - atMs;
    return periodMs * (Math.floor(takenMs / periodMs) + 1) - takenMs;
  }
}
