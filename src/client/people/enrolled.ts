import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import type { Scale } from '../../trust/markings/scale.ts';
import type { SeenList } from '../../trust/revocation/list.ts';
import { keysOf, type SigningKey } from '../../trust/signing/keys.ts';
import { openPeopleRoot, type PeopleRoot, type RootRefusal } from '../../trust/signing/people-certificate.ts';
import type { Vouched } from '../../trust/statement/vouched.ts';
import type { DeviceStore, KeptRecords } from './device-store.ts';

/** A device that may show itself: what it enters meetings with, and judges everybody by. */
export interface Enrolled {
  readonly root: PeopleRoot;
  readonly scale: Scale;
  /** PEM. */
  readonly certificate: string;
  readonly signing: SigningKey;
  readonly clearance: Vouched;
  /** The newest list of revocations seen, kept over restarts: an older one is refused. */
  readonly lists: SeenLists;
  /** Absent: what relays sign of their records is kept for as long as the program lives. */
  readonly records?: KeptRecords | undefined;
}

export interface SeenLists {
  last(): Promise<SeenList | undefined>;
  see(seen: SeenList): Promise<void>;
}

/** `undefined` where no device is kept. */
export const loadEnrolled = async (
  store: DeviceStore,
): Promise<Result<Enrolled | undefined, RootRefusal | Refusal<'device.not-cleared'>>> => {
  const kept = await store.load();
  if (kept === undefined) return ok(undefined);
  const root = await openPeopleRoot(kept.root);
  if (!root.ok) return root;
  const { scale, certificate, clearance } = kept;
  if (clearance === undefined) return NOT_CLEARED;
  const { signing } = await keysOf(kept.pair);
  const [lists, records] = [seenIn(store), store.records];
  return ok({ root: root.value, scale, certificate, signing, clearance, lists, records });
};

/** Said to a person whose device keeps no certificate. */
export const NOT_ENROLLED = refuse(
  'enter.no-device',
  'a meeting is entered with the certificate of a device',
  'enrol this device first',
);

const NOT_CLEARED = refuse(
  'device.not-cleared',
  'the authority has no clearance for this person, without which no meeting is entered',
  'have the authority clear the person, then renew the device',
);

const seenIn = (store: DeviceStore): SeenLists => ({
  last: async () => (await store.load())?.seen,
  see: (seen) => store.seeList(seen),
});
