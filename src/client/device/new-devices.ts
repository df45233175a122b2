import type { Clock } from '../../base/clock.ts';
import type { DeviceId } from '../../trust/devices/ids.ts';
import type { Fetch } from '../enrol/fetch-port.ts';
import type { DeviceStore } from '../people/device-store.ts';
import { hearOfDevices, markSeen } from '../people/own-devices.ts';

/** A stolen code shows itself by this alone. */
const printNew = (device: DeviceId): void => {
  console.log(`New:      ${device}, also of this person since this device asked last`);
  console.log(`          If it is nobody you know of, have it revoked: belfry ca revoke ${device}`);
};

/** Each once: what was printed was seen. */
export const printUnseen = async (store: DeviceStore): Promise<void> => {
  for (const device of (await store.load())?.unseen ?? []) printNew(device);
  await markSeen(store);
};

/** With whatever this machine's device does at a relay; a relay that has nothing, or does not answer, is no hindrance. */
export const hearAndPrint = async (
  store: DeviceStore,
  relay: string | undefined,
  clock: Clock,
): Promise<void> => {
  if (relay !== undefined) await hearOfDevices(store, { origin: relay, fetch: fetch as Fetch, clock });
  await printUnseen(store);
};
