import { BelfryError } from '../../base/errors.ts';
import { readScale } from '../../trust/markings/scale.ts';
import { createPeopleAuthority, issueOffice } from '../../trust/signing/people-authority.ts';
import { joinKeyed } from '../keyed-pem.ts';
import { type At, openPeople, type PeopleAuthority, readKeyed } from './authority.ts';
import { brokenScale } from './faults.ts';
import { exists, makeFolder, pathIn, readOrCreate, replace, sweep } from './files.ts';
import { publishList } from './lists.ts';
import { withLock } from './lock.ts';
import { EMPTY_REGISTER, writeRegister } from './register.ts';

/** A scale of markings as a person wrote it. */
export interface ScaleFile {
  readonly path: string;
  readonly text: string;
}

/** Before anything is made with it. */
const refuseBroken = ({ path, text }: ScaleFile): void => {
  const scale = readScale(text);
  if (!scale.ok) throw brokenScale(path, scale.refusal);
};

/** Makes a new authority, step by step in files that are whole or absent: a killed one is finished by the next call. */
export const initPeople = async (at: At, scale: ScaleFile): Promise<PeopleAuthority> => {
  refuseBroken(scale);
  await makeFolder(at.folder);
  return withLock(at.folder, async () => {
    await sweep(at.folder);
    if (await exists(pathIn(at.folder, 'list')))
      throw new BelfryError('people.exists', `${at.folder} holds an authority for people already`, {
        remedy: 'belfry ca root --people shows it; a second one needs another --folder',
      });
    await makeFiles(at, scale.text);
    const authority = await openPeople(at);
    await publishList(authority);
    return authority;
  });
};

const makeFiles = async (at: At, scaleText: string): Promise<void> => {
  const { folder, randomBytes } = at;
  const make = (name: Parameters<typeof pathIn>[1], text: () => Promise<string>) =>
    readOrCreate(folder, name, randomBytes, text);
  const keyed = readKeyed(
    at,
    'authority',
    await make('authority', async () => joinKeyed(await createPeopleAuthority(at))),
  );
  for (const office of ['revocation', 'clearance'] as const)
    await make(office, async () => joinKeyed(await issueOffice(keyed, office, at)));
  await make('register', async () => writeRegister(EMPTY_REGISTER));
  await replace(folder, 'scale', scaleText, randomBytes);
  await replace(folder, 'root', keyed.certificate, randomBytes);
};
