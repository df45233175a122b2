import { z } from 'zod';
import { type Refusal, type Result, refuse } from '../../base/result.ts';
import type { PersonId } from '../devices/ids.ts';
import { DAY_MS } from '../hosts/validity.ts';
import { isClearanceRevoked, type RevocationList } from '../revocation/list.ts';
import { idText, unixMs } from '../statement/schemas.ts';
import type { Opened, StatementKind } from '../statement/statement.ts';
import { type LabelCode, labelSchema, type Rank, rankOf } from './label.ts';
import type { Scale } from './scale.ts';

/** Looked at anew twice a year; a change before that is a revocation and a new statement. */
export const CLEARANCE_DAYS = 180;

const schema = z.strictObject({
  person: idText<PersonId>(),
  label: labelSchema,
  fromUnixMs: unixMs,
  untilUnixMs: unixMs,
});
export type Clearance = z.infer<typeof schema>;

/** Signed by the authority's clearance office: what one person may hear and see. */
export const CLEARANCE: StatementKind<Clearance> = { kind: 'clearance', schema, maxBytes: 8_192 };

export type ClearanceCode =
  | 'clearance.other-person'
  | 'clearance.too-long'
  | 'clearance.not-yet'
  | 'clearance.expired'
  | 'clearance.revoked';

/** What a clearance is judged against. */
export interface ClearanceQuestion {
  readonly person: PersonId;
  readonly list: RevocationList;
  readonly scale: Scale;
  readonly nowUnixMs: number;
}

type Condition = readonly [
  ClearanceCode,
  string,
  (opened: Opened<Clearance>, question: ClearanceQuestion) => boolean,
];

const CONDITIONS: readonly Condition[] = [
  ['clearance.other-person', 'it clears another person', ({ value }, { person }) => value.person === person],
  [
    'clearance.too-long',
    'it lasts longer than a clearance may',
    ({ value }) => value.untilUnixMs - value.fromUnixMs <= CLEARANCE_DAYS * DAY_MS,
  ],
  ['clearance.not-yet', 'it is not valid yet', ({ value }, { nowUnixMs }) => nowUnixMs >= value.fromUnixMs],
  ['clearance.expired', 'it has expired', ({ value }, { nowUnixMs }) => nowUnixMs < value.untilUnixMs],
  [
    'clearance.revoked',
    'it was revoked',
    ({ value, digest }, { list }) => !isClearanceRevoked(list, { person: value.person, digest }),
  ],
];

/** What the clearance grants to this person now. */
export const judgeClearance = (
  opened: Opened<Clearance>,
  question: ClearanceQuestion,
): Result<Rank, Refusal<ClearanceCode | LabelCode>> => {
  const failed = CONDITIONS.find(([, , holds]) => !holds(opened, question));
  return failed === undefined ? rankOf(opened.value.label, question.scale) : refuse(failed[0], failed[1]);
};
