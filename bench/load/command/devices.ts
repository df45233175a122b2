import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../../src/base/errors.ts';
import { ok, type Result, refuse } from '../../../src/base/result.ts';

/** What `belfry device enrol` leaves in the folder of a device. */
const DEVICE = 'device.json';

/** The devices in `folder`, each in a folder of its own, by name: one for each person of a run against a relay that is there. */
export const findDevices = (folder: string, needed: number): Result<readonly string[]> => {
  const found = foldersIn(folder);
  if (!found.ok) return found;
  if (found.value.length < needed)
    return refuse(
      'load.devices',
      `${needed} people come, and ${folder} has ${found.value.length} devices`,
      'enrol one for each person (belfry device enrol --device FOLDER/NAME), or let fewer come',
    );
  return ok(found.value.slice(0, needed));
};

const foldersIn = (folder: string): Result<readonly string[]> => {
  try {
    const names = readdirSync(folder).toSorted();
    return ok(names.map((name) => join(folder, name)).filter((path) => existsSync(join(path, DEVICE))));
  } catch (error) {
    return refuse('load.devices', `the devices cannot be read: ${messageOf(error)}`);
  }
};
