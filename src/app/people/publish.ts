import { resolve } from 'node:path';
import { SCALE } from '../../trust/markings/scale.ts';
import { PUBLIC_FILES } from '../public-files.ts';
import { openFolder, replaceState } from '../state-files.ts';
import { type At, withPeople } from './authority.ts';
import { damaged } from './faults.ts';
import { read } from './files.ts';
import { signAs } from './offices.ts';

/** Writes the public files to a folder that a relay reads, each whole or not at all; the list last, because it changes most. */
export const publishTo = (at: At, out: string): Promise<readonly string[]> =>
  withPeople(at, async (authority) => {
    const folder = { path: resolve(out), flag: '--out' };
    await openFolder(folder);
    const list = await read(at.folder, 'list');
    if (list === undefined) throw damaged(at.folder, 'list', 'it is gone');
    const scale = await signAs(authority, 'clearance', SCALE, authority.scale);
    const texts = { root: authority.root.pem, scale: `${JSON.stringify(scale)}\n`, list };
    const names = Object.keys(PUBLIC_FILES) as (keyof typeof PUBLIC_FILES)[];
    for (const name of names)
      await replaceState({ folder, name: PUBLIC_FILES[name], isPrivate: false }, texts[name], at.randomBytes);
    return names.map((name) => PUBLIC_FILES[name]);
  });

/** What the public files are made of, to see whether it changed: read without a lock, so what is seen is published next. */
export const publicSources = async (folder: string): Promise<string> =>
  JSON.stringify(await Promise.all((['root', 'scale', 'list'] as const).map((name) => read(folder, name))));
