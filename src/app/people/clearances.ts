import { BelfryError } from '../../base/errors.ts';
import type { PersonId } from '../../trust/devices/ids.ts';
import { DAY_MS } from '../../trust/hosts/validity.ts';
import { CLEARANCE, CLEARANCE_DAYS } from '../../trust/markings/clearance.ts';
import { type Label, type LabelCode, rankOf } from '../../trust/markings/label.ts';
import type { Scale } from '../../trust/markings/scale.ts';
import { openOfficeStatement } from '../../trust/signing/vouched.ts';
import type { Vouched } from '../../trust/statement/vouched.ts';
import { type At, keepRegister, withPeople } from './authority.ts';
import { grantedOr } from './faults.ts';
import { keepClearance, pathIn } from './files.ts';
import { type Published, publishList } from './lists.ts';
import { signAs } from './offices.ts';
import { addClearance, findPerson, type Register } from './register.ts';

/** Devices whose clock is behind must accept what was signed a moment ago. */
const BACKDATED_MS = DAY_MS;

export interface Cleared {
  readonly vouched: Vouched;
  /** As documents are marked, with the groups. */
  readonly marking: string;
  readonly untilUnixMs: number;
  /** The list that takes back what the person had before, where there was something. */
  readonly published: Published | undefined;
}

export interface Wanted {
  readonly person: PersonId;
  readonly level: string;
  readonly groups: readonly string[];
}

/** Clears a person for a level and groups, in place of what the person was cleared for before. */
export const clear = (at: At, { person, level, groups }: Wanted): Promise<Cleared> =>
  withPeople(at, async (authority) => {
    const { scale, register } = authority;
    grantedOr(findPerson(register, person));
    // In one order, so that the same clearance is the same text.
    const label = { scale: scale.scale, level, groups: [...new Set(groups)].sort() };
    const marking = markingOf(label, scale, pathIn(at.folder, 'scale'));
    const fromUnixMs = at.nowUnixMs - BACKDATED_MS;
    const untilUnixMs = fromUnixMs + CLEARANCE_DAYS * DAY_MS;
    const vouched = await signAs(authority, 'clearance', CLEARANCE, {
      person,
      label,
      fromUnixMs,
      untilUnixMs,
    });
    const judge = { root: authority.root, nowUnixMs: at.nowUnixMs };
    const { digest } = grantedOr(await openOfficeStatement(CLEARANCE, 'clearance', vouched, judge));
    const next = grantedOr(addClearance(register, { digest, person, untilUnixMs }, at.nowUnixMs));
    const kept = await keepRegister(authority, next);
    await keepClearance(at.folder, person, `${JSON.stringify(vouched)}\n`, at.randomBytes);
    const published = hasOne(register, person) ? await publishList(kept) : undefined;
    return { vouched, marking, untilUnixMs, published };
  });

const hasOne = ({ clearances }: Register, person: PersonId): boolean =>
  clearances.some((one) => one.person === person && !one.isRevoked);

/** Throws what the scale has instead. */
const markingOf = (label: Label, scale: Scale, scalePath: string): string => {
  const rank = rankOf(label, scale);
  if (!rank.ok)
    throw new BelfryError(rank.refusal.code, rank.refusal.message, {
      remedy: REMEDIES[rank.refusal.code](scale, scalePath),
    });
  const marking = scale.levels[rank.value.level]?.marking ?? label.level;
  return [marking, ...label.groups].join(', ');
};

const idsOf = (all: readonly { readonly id: string }[]): string => all.map(({ id }) => id).join(', ');

const REMEDIES: Readonly<Record<LabelCode, (scale: Scale, path: string) => string>> = {
  'label.other-scale': (_, path) => `the scale is in ${path}`,
  'label.unknown-level': ({ levels }, path) => `one of ${idsOf(levels)}, from ${path}`,
  'label.unknown-group': ({ groups }, path) =>
    groups.length === 0 ? `write the group into ${path} first` : `some of ${idsOf(groups)}, from ${path}`,
};
