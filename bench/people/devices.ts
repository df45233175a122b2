import { join } from 'node:path';
import { secureRandomBytes } from '../../src/base/platform.ts';
import { deviceFolder } from '../../src/client/node/device-store.ts';
import type { KeptDevice } from '../../src/client/people/device-store.ts';
import { newKeyPair } from '../../src/trust/signing/keys.ts';
import type { Ministry } from '../../test/support/ministry.ts';
import { nameOf } from './ministry.ts';

/** Folders of devices, as `belfry device` keeps them: one for each of so many people. */
export const keepDevices = (ministry: Ministry, folder: string, count: number): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, (_, nth) => keepDevice(ministry, folder, nameOf(nth))));

const keepDevice = async (ministry: Ministry, folder: string, name: string): Promise<string> => {
  const path = join(folder, name);
  await deviceFolder(path, secureRandomBytes).keep(await newDevice(ministry, name));
  return path;
};

/** Unlike an official's, its key can be written down. */
const newDevice = async (ministry: Ministry, name: string): Promise<KeptDevice> => {
  const pair = await newKeyPair(true);
  const { signer, clearance } = await ministry.official(name, { pair });
  return {
    root: ministry.people.root.pem,
    scale: ministry.scale,
    certificate: signer.certificate,
    pair,
    clearance,
  };
};
