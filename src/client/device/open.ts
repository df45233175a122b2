import type { RandomBytes } from '../../base/clock.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import { deviceFolder } from '../node/device-store.ts';
import { type Enrolled, loadEnrolled } from '../people/enrolled.ts';

/** This machine's device, from its folder. Refusals: `device.none`, `root.…`. */
export const openOwnDevice = async (
  folder: string,
  randomBytes: RandomBytes,
): Promise<Result<Enrolled, Refusal>> => {
  const loaded = await loadEnrolled(deviceFolder(folder, randomBytes));
  if (!loaded.ok) return loaded;
  return loaded.value === undefined
    ? refuse('device.none', `there is no device in ${folder}`, 'belfry device enrol makes one')
    : ok(loaded.value);
};
