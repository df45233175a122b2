import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PUBLIC_FILES } from '../../src/app/public-files.ts';
import { Ministry, type Official } from '../../test/support/ministry.ts';

/** An authority for people, with what a relay judges them by in `folder`. Of the time that tests have, where none is given. */
export const publicMinistry = async (folder: string, nowUnixMs?: number): Promise<Ministry> => {
  const ministry = await Ministry.open(nowUnixMs);
  mkdirSync(folder, { recursive: true });
  const publish = (name: keyof typeof PUBLIC_FILES, text: string) =>
    writeFileSync(join(folder, PUBLIC_FILES[name]), text);
  publish('root', ministry.people.root.pem);
  publish('scale', JSON.stringify(await ministry.signedScale()));
  publish('list', JSON.stringify(ministry.trust().list()?.vouched));
  return ministry;
};

export const nameOf = (nth: number): string => `official-${nth}`;

/** People with a device each: made before anything is measured, because a device has its certificate long before it enters. */
export const officialsOf = (ministry: Ministry, count: number): Promise<Official[]> =>
  Promise.all(Array.from({ length: count }, (_, nth) => ministry.official(nameOf(nth))));
