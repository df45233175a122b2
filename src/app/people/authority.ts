import { BelfryError } from '../../base/errors.ts';
import type { OfficeName } from '../../trust/devices/roles.ts';
import { isValidAt } from '../../trust/hosts/validity.ts';
import { readScale, type Scale } from '../../trust/markings/scale.ts';
import type { KeyedCertificate, Surroundings } from '../../trust/signing/issuing.ts';
import { signingKeyOf } from '../../trust/signing/people-authority.ts';
import { openPeopleRoot, type PeopleRoot } from '../../trust/signing/people-certificate.ts';
import { partKeyed } from '../keyed-pem.ts';
import { brokenScale, damaged, none, unfinished } from './faults.ts';
import { exists, openFolder, pathIn, read, replace, sweep } from './files.ts';
import { withLock } from './lock.ts';
import { parseRegister, type Register, writeRegister } from './register.ts';

export interface At extends Surroundings {
  readonly folder: string;
}

/** The authority for people, read and found usable. */
export interface PeopleAuthority {
  readonly at: At;
  readonly keyed: KeyedCertificate;
  readonly root: PeopleRoot;
  readonly scale: Scale;
  readonly register: Register;
}

export const readKeyed = (at: At, name: 'authority' | OfficeName, text: string): KeyedCertificate => {
  const keyed = partKeyed(text);
  if (keyed === undefined) throw damaged(at.folder, name, 'it does not hold a certificate and a key');
  return keyed;
};

/** Runs `work` on the authority of the folder, alone. */
export const withPeople = async <T>(at: At, work: (authority: PeopleAuthority) => Promise<T>): Promise<T> => {
  const names = ['authority', 'list'] as const;
  const found = await Promise.all(names.map((name) => exists(pathIn(at.folder, name))));
  if (!found.includes(true)) throw none(at.folder);
  await openFolder(at.folder);
  return withLock(at.folder, async () => {
    await sweep(at.folder);
    const authority = await openPeople(at);
    if (!(await exists(pathIn(at.folder, 'list')))) throw unfinished(at.folder);
    return work(authority);
  });
};

/** Its root alone, and its file: needs no key and no lock. */
export const findPeopleRoot = async (
  folder: string,
): Promise<{ readonly root: PeopleRoot; readonly path: string }> => {
  const pem = await read(folder, 'root');
  if (pem === undefined) throw none(folder);
  const root = await openPeopleRoot(pem);
  if (!root.ok) throw damaged(folder, 'root', root.refusal.message);
  return { root: root.value, path: pathIn(folder, 'root') };
};

export const openPeople = async (at: At): Promise<PeopleAuthority> => {
  const keyed = readKeyed(at, 'authority', await readMade(at, 'authority'));
  const scale = readScale(await readMade(at, 'scale'));
  if (!scale.ok) throw brokenScale(pathIn(at.folder, 'scale'), scale.refusal);
  const register = parseRegister(await readMade(at, 'register'));
  if (register === undefined) throw damaged(at.folder, 'register', 'it is not as belfry wrote it');
  return { at, keyed, root: await openRoot(at, keyed), scale: scale.value, register };
};

/** Of an authority that was finished once, a file that is gone is a loss: making it anew would forget what it held. */
export const readMade = async (
  at: At,
  name: 'authority' | 'scale' | 'register' | OfficeName,
): Promise<string> => {
  const text = await read(at.folder, name);
  if (text !== undefined) return text;
  if (await exists(pathIn(at.folder, 'list'))) throw damaged(at.folder, name, 'it is gone');
  throw unfinished(at.folder);
};

const openRoot = async (at: At, keyed: KeyedCertificate): Promise<PeopleRoot> => {
  const root = await openPeopleRoot(keyed.certificate);
  if (!root.ok) throw damaged(at.folder, 'authority', root.refusal.message);
  if (!isValidAt(root.value.validity, at.nowUnixMs))
    throw new BelfryError('people.root-expired', `the authority in ${at.folder} is not valid today`, {
      remedy: 'set the clock if it is wrong, else make a new authority in another folder',
    });
  if ((await signingKeyOf(keyed, root.value.publicKey)) === undefined)
    throw damaged(at.folder, 'authority', 'its key is not that of its certificate');
  return root.value;
};

/** Keeps the register; the value it had is of no use afterwards. */
export const keepRegister = async (
  authority: PeopleAuthority,
  register: Register,
): Promise<PeopleAuthority> => {
  const { folder, randomBytes } = authority.at;
  const text = writeRegister(register);
  if (parseRegister(text) === undefined) throw new Error('a register that would not be read again');
  await replace(folder, 'register', text, randomBytes);
  return { ...authority, register };
};
