import { BelfryError } from '../../../src/base/errors.ts';
import { secureRandomBytes, systemClock } from '../../../src/base/platform.ts';
import { forgetfulLists } from '../../../src/client/cast/forgetful-lists.ts';
import { openOwnDevice } from '../../../src/client/device/open.ts';
import type { Enrolled } from '../../../src/client/people/enrolled.ts';
import { Memo } from '../../../src/trust/signing/memo.ts';
import { judgeDeviceCertificate } from '../../../src/trust/signing/people-certificate.ts';
import type { DevicePlace } from './messages.ts';

/** By their people's numbers. */
export type Devices = ReadonlyMap<number, Enrolled>;

/**
 * The devices of one process. Under one root they share what was read of certificates, statements and entries: one process reads each once, and
 * not once for each participant. Nothing of a run is written into their folders.
 */
export const openDevices = async (places: readonly DevicePlace[]): Promise<Devices> => {
  const roots = new Map<string, Enrolled['root']>();
  const devices = new Map<number, Enrolled>();
  for (const { person, folder } of places) {
    const opened = await openOwnDevice(folder, secureRandomBytes);
    if (!opened.ok) throw BelfryError.from(opened.refusal);
    const { root } = opened.value;
    if (!roots.has(root.pem)) roots.set(root.pem, { ...root, entries: new Memo() });
    const shared = roots.get(root.pem) ?? root;
    // As on any device that was used before, and its code is compiled by then.
    await judgeDeviceCertificate(opened.value.certificate, shared, systemClock.unixMs());
    devices.set(person, { ...opened.value, root: shared, lists: forgetfulLists(), records: undefined });
  }
  return devices;
};
