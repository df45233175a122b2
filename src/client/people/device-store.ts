import type { OwnDevices } from '../../trust/devices/devices.ts';
import type { DeviceId } from '../../trust/devices/ids.ts';
import type { Scale } from '../../trust/markings/scale.ts';
import type { SignedCheckpoint } from '../../trust/record/checkpoint.ts';
import type { SeenList } from '../../trust/revocation/list.ts';
import type { Vouched } from '../../trust/statement/vouched.ts';

/** What a device has when it was enrolled. */
export interface KeptDevice {
  /** PEM of the people's root, which came by another way than the relay. */
  readonly root: string;
  readonly scale: Scale;
  /** PEM. */
  readonly certificate: string;
  /** In browsers its private half cannot be taken out. */
  readonly pair: CryptoKeyPair;
  /** Absent: the authority had none for this person yet. */
  readonly clearance: Vouched | undefined;
  /** Of its person, as the authority told last; absent where nobody looked. */
  readonly devices?: OwnDevices | undefined;
  /** Of those the ones that its person has not been shown yet. */
  readonly unseen?: readonly DeviceId[] | undefined;
}

export interface LoadedDevice extends KeptDevice {
  /** The newest list of revocations that was accepted here. */
  readonly seen: SeenList | undefined;
}

/** Where one device's identity outlives its program. */
export interface DeviceStore {
  load(): Promise<LoadedDevice | undefined>;
  /** In place of what was kept; the list that was seen stays. */
  keep(device: KeptDevice): Promise<void>;
  /** Never goes back: of two lists the one with the higher number stays, whoever writes last. */
  seeList(seen: SeenList): Promise<void>;
  /** At most `MAX_RECORDS` of them: the one that was kept longest ago goes first. */
  readonly records: KeptRecords;
}

/** The newest checkpoint of each of a relay's records. */
export interface KeptRecords {
  newestOf(record: string): Promise<SignedCheckpoint | undefined>;
  /** In place of an older one of the same record. */
  keep(checkpoint: SignedCheckpoint): Promise<void>;
}

/** A record for each start of a relay: some months of them, and few bytes each. */
export const MAX_RECORDS = 256;

export const newerOf = (kept: SeenList | undefined, seen: SeenList): SeenList =>
  kept !== undefined && kept.number >= seen.number ? kept : seen;
