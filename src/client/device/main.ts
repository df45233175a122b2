/**
 * Enrols or renews this machine's device, or shows it: reads an order as JSON from the standard input (the code is no argument,
 * which every user of a machine could read). Status 0, or 1 where it was refused.
 */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { messageOf } from '../../base/errors.ts';
import { secureRandomBytes, systemClock } from '../../base/platform.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import { newKeyPair } from '../../trust/signing/keys.ts';
import { judgeDeviceCertificate, openPeopleRoot } from '../../trust/signing/people-certificate.ts';
import type { Enrolment } from '../enrol/answer.ts';
import { type EnrolOptions, enrol, renew } from '../enrol/enrol.ts';
import type { Fetch } from '../enrol/fetch-port.ts';
import { deviceFolder } from '../node/device-store.ts';
import type { DeviceStore, KeptDevice } from '../people/device-store.ts';
import { heardOf } from '../people/own-devices.ts';
import { hearAndPrint, printUnseen } from './new-devices.ts';
import { openOwnDevice } from './open.ts';
import { printRefusal } from './print.ts';

const order = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('enrol'),
    relay: z.string(),
    device: z.string(),
    root: z.string(),
    code: z.string(),
  }),
  z.strictObject({ kind: z.literal('renew'), relay: z.string(), device: z.string() }),
  z.strictObject({ kind: z.literal('show'), relay: z.string().optional(), device: z.string() }),
]);
type Order = z.infer<typeof order>;
type OrderOf<Kind extends Order['kind']> = Extract<Order, { kind: Kind }>;

const storeOf = (folder: string): DeviceStore => deviceFolder(folder, secureRandomBytes);

const optionsFor = (relay: string, rootSha256: Uint8Array, keys: CryptoKeyPair): EnrolOptions => ({
  origin: relay,
  rootSha256,
  keys,
  fetch: fetch as Fetch,
  clock: systemClock,
  onWaiting: () => console.log('Asked; waiting for the authority …'),
});

const NOT_CLEARED = refuse(
  'device.not-cleared',
  'the authority knows this person and has no clearance for it, without which no meeting is entered',
  'have the authority clear the person (belfry ca clear), then ask with a new code',
);

const keep = async (
  store: DeviceStore,
  pair: CryptoKeyPair,
  enrolled: Result<Enrolment, Refusal>,
  before?: KeptDevice,
): Promise<number> => {
  if (!enrolled.ok) return printRefusal(enrolled.refusal);
  const { root, scale, certificate, identity, statements, devices } = enrolled.value;
  const { clearance } = statements;
  if (clearance === undefined) return printRefusal(NOT_CLEARED.refusal);
  await store.keep({ root: root.pem, scale, certificate, clearance, ...heardOf(before, devices), pair });
  console.log(`Person:   ${identity.person}`);
  console.log(
    `Device:   ${identity.device}, until ${new Date(identity.validity.untilUnixMs).toISOString().slice(0, 10)}`,
  );
  await printUnseen(store);
  return 0;
};

const textOf = async (path: string): Promise<Result<string, Refusal>> => {
  try {
    return ok(await readFile(path, 'utf8'));
  } catch (cause) {
    return refuse(
      'root.unreadable',
      `${path} cannot be read: ${messageOf(cause)}`,
      'name the certificate of the authority for people, which its host publishes as people-root.pem: --root FILE',
    );
  }
};

type Handlers = { readonly [Kind in Order['kind']]: (order: OrderOf<Kind>) => Promise<number> };
const HANDLERS: Handlers = {
  async enrol({ relay, device, root: path, code }) {
    const store = storeOf(device);
    if ((await store.load()) !== undefined)
      return printRefusal({
        code: 'device.exists',
        message: `${device} holds a device already`,
        remedy: 'belfry device renew keeps it; a second one needs another --device FOLDER',
      });
    const pem = await textOf(path);
    if (!pem.ok) return printRefusal(pem.refusal);
    const root = await openPeopleRoot(pem.value);
    if (!root.ok) return printRefusal(root.refusal);
    const keys = await newKeyPair(true);
    return keep(store, keys, await enrol(optionsFor(relay, root.value.sha256, keys), code));
  },
  async renew({ relay, device }) {
    const store = storeOf(device);
    const kept = await store.load();
    const root = kept && (await openPeopleRoot(kept.root));
    if (kept === undefined || root?.ok !== true) {
      const opened = await openOwnDevice(device, secureRandomBytes);
      return opened.ok ? 1 : printRefusal(opened.refusal);
    }
    const renewed = await renew(optionsFor(relay, root.value.sha256, kept.pair));
    return keep(store, kept.pair, renewed, kept);
  },
  async show({ relay, device: folder }) {
    const device = await openOwnDevice(folder, secureRandomBytes);
    if (!device.ok) return printRefusal(device.refusal);
    const { certificate, root } = device.value;
    const judged = await judgeDeviceCertificate(certificate, root, systemClock.unixMs());
    if (!judged.ok) return printRefusal(judged.refusal);
    const { person, device: id, validity } = judged.value;
    console.log(`Person:   ${person}`);
    console.log(`Device:   ${id}, until ${new Date(validity.untilUnixMs).toISOString().slice(0, 10)}`);
    await hearAndPrint(storeOf(folder), relay, systemClock);
    return 0;
  },
};

const given = order.parse(JSON.parse(await text(process.stdin)));
process.exitCode = await (HANDLERS[given.kind] as (order: Order) => Promise<number>)(given);
