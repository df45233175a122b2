import { REVOCATION, type RevocationList } from '../../trust/revocation/list.ts';
import { type At, keepRegister, type PeopleAuthority, withPeople } from './authority.ts';
import { grantedOr } from './faults.ts';
import { pathIn, replace } from './files.ts';
import { signAs } from './offices.ts';
import { nextList, revoke } from './register.ts';

export interface Published {
  readonly list: RevocationList;
  /** What the relay and devices are given. */
  readonly path: string;
}

/** Signs the next list. Its number is kept before it is used: one that is given twice would make two lists of one number. */
export const publishList = async (authority: PeopleAuthority): Promise<Published> => {
  const { at, register } = authority;
  const list = nextList(register, at.nowUnixMs);
  const kept = await keepRegister(authority, { ...register, listNumber: list.number });
  const vouched = await signAs(kept, 'revocation', REVOCATION, list);
  await replace(at.folder, 'list', `${JSON.stringify(vouched)}\n`, at.randomBytes);
  return { list, path: pathIn(at.folder, 'list') };
};

/** Revokes a person or a device, and signs the list that says so. */
export const revokeId = (at: At, id: string): Promise<Published> =>
  withPeople(at, async (authority) => {
    const register = grantedOr(revoke(authority.register, id));
    return publishList(await keepRegister(authority, register));
  });

/** The same list once more, with a new number and a new end. */
export const renewList = (at: At): Promise<Published> => withPeople(at, publishList);
