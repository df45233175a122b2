import { utf8 } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import type { DeviceIdentity } from '../../trust/devices/certificate.ts';
import { MAX_DEVICES_OF_ONE, newDevices, OWN_DEVICES, type OwnDevices } from '../../trust/devices/devices.ts';
import { MAX_TOLD_DEVICES_BYTES } from '../../trust/devices/enrolment.ts';
import type { DeviceId } from '../../trust/devices/ids.ts';
import { judgeDeviceCertificate, openPeopleRoot } from '../../trust/signing/people-certificate.ts';
import { openOfficeStatement } from '../../trust/signing/vouched.ts';
import { readJson } from '../../trust/statement/strict-json.ts';
import { vouchedSchema } from '../../trust/statement/vouched.ts';
import type { Fetch } from '../enrol/fetch-port.ts';
import { outcomeOf } from '../outcome.ts';
import type { DeviceStore, KeptDevice } from './device-store.ts';

/** Nobody waits for it. */
const TOLD_WITHIN_MS = 10_000;

export interface HearOptions {
  /** Of the relay. */
  readonly origin: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/** What a device remembers when it hears which devices its person has: those that are new stay until they were shown. */
export const heardOf = (
  before: Pick<KeptDevice, 'devices' | 'unseen'> | undefined,
  devices: OwnDevices,
): { readonly devices: OwnDevices; readonly unseen: readonly DeviceId[] } => {
  const unseen = new Set([...(before?.unseen ?? []), ...newDevices(before?.devices, devices)]);
  return { devices, unseen: [...unseen].slice(-MAX_DEVICES_OF_ONE) };
};

/**
 * What the authority left for this device since it last asked, if there is anything newer: the office's signature counts alone. A
 * relay can keep it back, and cannot make one.
 */
const fetchOwnDevices = async (kept: KeptDevice, options: HearOptions): Promise<OwnDevices | undefined> => {
  const root = await openPeopleRoot(kept.root);
  if (!root.ok) return undefined;
  const nowUnixMs = options.clock.unixMs();
  const own = await judgeDeviceCertificate(kept.certificate, root.value, nowUnixMs);
  const text = own.ok ? await fetchTold(own.value, options) : undefined;
  if (!own.ok || text === undefined) return undefined;
  const vouched = readJson(utf8(text), MAX_TOLD_DEVICES_BYTES, vouchedSchema);
  if (!vouched.ok) return undefined;
  const judge = { root: root.value, nowUnixMs };
  const opened = await openOfficeStatement(OWN_DEVICES, 'clearance', vouched.value, judge);
  if (!opened.ok) return undefined;
  const { value } = opened.value;
  const isNewer = value.issuedUnixMs > (kept.devices?.issuedUnixMs ?? 0);
  return value.person === own.value.person && isNewer ? value : undefined;
};

const fetchTold = async (
  { publicKey }: DeviceIdentity,
  { origin, fetch, clock }: HearOptions,
): Promise<string | undefined> => {
  const ending = new AbortController();
  const told = fetch(`${origin}/v1/enrolment/${publicKey.keyId}/devices`, {
    method: 'GET',
    signal: ending.signal,
  }).then(async (response) => (response.status === 200 ? await response.text() : undefined));
  const outcome = await outcomeOf(() =>
    withDeadline(clock, TOLD_WITHIN_MS, 'the devices of this person', told),
  );
  if (!outcome.ok) ending.abort();
  return outcome.ok ? outcome.value : undefined;
};

/** Asks, and keeps what is new. Answers all that the person has not been shown yet, also of earlier times. */
export const hearOfDevices = async (
  store: DeviceStore,
  options: HearOptions,
): Promise<readonly DeviceId[]> => {
  const kept = await store.load();
  const told = kept && (await fetchOwnDevices(kept, options));
  if (kept === undefined || told === undefined) return kept?.unseen ?? [];
  return keepHeard(store, heardOf(kept, told));
};

/** Beside whatever else is kept by now. */
const keepHeard = async (store: DeviceStore, heard: ReturnType<typeof heardOf>) => {
  await change(store, () => heard);
  return heard.unseen;
};

/** The person knows of them now. */
export const markSeen = async (store: DeviceStore): Promise<void> => {
  await change(store, ({ unseen = [] }) => (unseen.length === 0 ? undefined : { unseen: [] }));
};

const change = async (
  store: DeviceStore,
  how: (kept: KeptDevice) => Partial<KeptDevice> | undefined,
): Promise<void> => {
  const loaded = await store.load();
  const changed = loaded && how(loaded);
  if (loaded === undefined || changed === undefined) return;
  const { seen: _, ...kept } = loaded;
  await store.keep({ ...kept, ...changed });
};
