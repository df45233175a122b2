import { type Refusal, refuse } from '../../base/result.ts';
import { SECOND_WITHIN_MS } from '../../trust/acts/rules.ts';
import type { AuditEntry } from './entry.ts';
import type { Stamped } from './schema.ts';

/**
 * For so long an allowance serves. Long enough to write the minutes after a meeting, in which nobody can allow anything any more;
 * what two people agreed to must not hold for ever.
 */
export const EXPORT_ALLOWED_DAYS = 30;
const EXPORT_ALLOWED_MS = EXPORT_ALLOWED_DAYS * 86_400_000;

export type ExportRefusal = Refusal<'export.not-allowed' | 'export.not-whole' | 'export.over'>;

type EntryOf<Kind extends AuditEntry['kind']> = Extract<AuditEntry, { kind: Kind }>;

/** What a record says of one meeting's export. */
interface Standing {
  /** Something was said above the marking from which two people are needed. */
  isGuarded: boolean;
  /** It stands in a record that is not whole. */
  isDoubtful: boolean;
  allowedAtUnixMs: number | undefined;
  /** Whose sessions they are; older records do not say it. */
  readonly persons: Map<string, string>;
  /** By person, or by session where that is not known: when it was ordered that an export be allowed. */
  readonly asked: Map<string, number>;
}

/** Which meetings may be exported, by what the record holds of them: `take` each line, of all records in order, then ask. */
export class ExportJudge {
  /** One for each meeting of the records that are read; who asks is gone when that is done. */
  readonly #meetings = new Map<string, Standing>();

  /** `isWhole`: of a record that is not, nobody can say what was allowed in it. */
  take({ atUnixMs, content }: Stamped, isWhole = true): void {
    if (!('meeting' in content) || typeof content.meeting !== 'string') return;
    const standing = this.#of(content.meeting);
    // Whatever bears a marking and does not say that one person suffices is guarded.
    if ('marking' in content && content.marking !== undefined && content.twoPersons !== false)
      standing.isGuarded = true;
    if (!isWhole) standing.isDoubtful = true;
    if (content.kind === 'identified') standing.persons.set(content.session, content.person);
    if (content.kind === 'act') ordered(standing, content, atUnixMs);
    if (content.kind === 'export-allowed' && isByTwo(standing, content, atUnixMs))
      standing.allowedAtUnixMs = atUnixMs;
  }

  /** Why a meeting must not be exported now; `undefined`: it may. */
  whyNot(meeting: string, nowUnixMs: number): ExportRefusal | undefined {
    const { isGuarded, isDoubtful, allowedAtUnixMs } = this.#of(meeting);
    if (!isGuarded) return undefined;
    if (isDoubtful) return DOUBTFUL.refusal;
    if (allowedAtUnixMs === undefined) return NOT_ALLOWED.refusal;
    const ageMs = nowUnixMs - allowedAtUnixMs;
    return ageMs < EXPORT_ALLOWED_MS ? undefined : OVER.refusal;
  }

  #of(meeting: string): Standing {
    const known = this.#meetings.get(meeting);
    if (known !== undefined) return known;
    const standing = newStanding();
    this.#meetings.set(meeting, standing);
    return standing;
  }
}

const newStanding = (): Standing => ({
  isGuarded: false,
  isDoubtful: false,
  allowedAtUnixMs: undefined,
  persons: new Map(),
  asked: new Map(),
});

/** Somebody who came again is the same. */
const whoIs = ({ persons }: Standing, session: string): string => persons.get(session) ?? session;

/** A marking that rose since is one that nobody agreed to. */
const ordered = (standing: Standing, { order, allowed, by }: EntryOf<'act'>, atUnixMs: number): void => {
  if (!allowed) return;
  if (order === 'raise-marking') standing.allowedAtUnixMs = undefined;
  if (order === 'allow-export') standing.asked.set(whoIs(standing, by), atUnixMs);
};

/** Two of them, of which the first one ordered it in time. That they were two people is what the rule that took it asked. */
const isByTwo = (standing: Standing, { by }: EntryOf<'export-allowed'>, atUnixMs: number): boolean => {
  const [first, second] = by.map((session) => whoIs(standing, session));
  if (first === undefined || second === undefined || first === second) return false;
  const askedAtUnixMs = standing.asked.get(first);
  return askedAtUnixMs !== undefined && atUnixMs - askedAtUnixMs <= SECOND_WITHIN_MS;
};

const NOT_ALLOWED = refuse(
  'export.not-allowed',
  'its marking asks for two people, and the record holds no allowance by two',
);
const DOUBTFUL = refuse('export.not-whole', 'its marking asks for two people, and the record is not whole');
const OVER = refuse(
  'export.over',
  `what two people allowed serves for ${EXPORT_ALLOWED_DAYS} days, which are over`,
);
