import { ok, type Result, refuse } from '../../base/result.ts';
import type { SignedCharter, Suite } from '../../trust/charter/charter.ts';
import type { PersonId } from '../../trust/devices/ids.ts';
import type { Label } from '../../trust/markings/label.ts';
import type { Scale } from '../../trust/markings/scale.ts';
import type { StatementDigest } from '../../trust/statement/statement.ts';
import type { EntryLink } from '../link.ts';

/** What a view shows of the charter that was checked. */
export interface CharterFacts {
  readonly digest: StatementDigest;
  readonly chair: PersonId;
  /** How the meeting's group agrees on keys. */
  readonly suite: Suite;
  readonly marking: Label;
  /** As it stands on documents, in the scale's own words. */
  readonly markingText: string;
  /** Those whose need to know the meeting asks for. */
  readonly groups: Scale['groups'];
}

/** Two charters of one meeting are told apart by their digest alone. */
export const judgeCharter = (
  signed: SignedCharter,
  { meeting, charter }: EntryLink,
): Result<SignedCharter> => {
  if (signed.opened.value.meeting !== meeting)
    return refuse('charter.other-meeting', 'the charter is of another meeting');
  if (signed.opened.digest !== charter)
    return refuse('charter.other-digest', 'the meeting has another charter than the one that was agreed');
  return ok(signed);
};

export const factsOf = ({ opened }: SignedCharter, scale: Scale): CharterFacts => {
  const { chair, marking, suite } = opened.value;
  return { digest: opened.digest, chair, suite, ...markedAs(marking, scale) };
};

/** Also of a marking that was raised or lowered since. */
export const markedAs = (
  marking: Label,
  scale: Scale,
): Pick<CharterFacts, 'marking' | 'markingText' | 'groups'> => {
  const level = scale.levels.find(({ id }) => id === marking.level);
  const groups = scale.groups.filter(({ id }) => marking.groups.includes(id));
  return { marking, markingText: level?.marking ?? marking.level, groups };
};
