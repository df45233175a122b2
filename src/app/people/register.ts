import { z } from 'zod';
import { asId } from '../../base/ids.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import { type CodeRecord, codeRecordSchema } from '../../trust/devices/codes.ts';
import { MAX_DEVICES_OF_ONE, type OwnDevices } from '../../trust/devices/devices.ts';
import type { DeviceId, DeviceNames, PersonId } from '../../trust/devices/ids.ts';
import { DAY_MS } from '../../trust/hosts/validity.ts';
import { LIST_VALID_MS, MAX_ENTRIES, type RevocationList } from '../../trust/revocation/list.ts';
import { idText, unixMs } from '../../trust/statement/schemas.ts';
import { digestText, type KeyId, type StatementDigest } from '../../trust/statement/statement.ts';

/** Codes that were given out and neither used nor expired: each request is tried against all of them. */
const MAX_OPEN_CODES = 1_000;

/**
 * A device is renewed every few weeks, and whenever its person is cleared anew or tries what went wrong again. One that was stolen,
 * or asks in a loop, would have the authority sign without end.
 */
export const MAX_RENEWALS = 12;
export const RENEWALS_WITHIN_MS = DAY_MS;

const isRevoked = z.boolean();
const registerSchema = z.strictObject({
  /** Of the form of this file. */
  version: z.literal(1),
  /** Of the newest list of revocations. */
  listNumber: z.int().min(0),
  persons: z.array(z.strictObject({ person: idText<PersonId>(), isRevoked })).max(MAX_ENTRIES),
  devices: z
    .array(
      z.strictObject({
        device: idText<DeviceId>(),
        person: idText<PersonId>(),
        keyId: digestText,
        /** Absent: enrolled before this was written down. */
        sinceUnixMs: unixMs.optional(),
        /** The end of its newest certificate. */
        untilUnixMs: unixMs,
        /** Of late: when it was given another certificate. */
        renewedUnixMs: z.array(unixMs).max(MAX_RENEWALS).optional(),
        isRevoked,
      }),
    )
    .max(MAX_ENTRIES),
  clearances: z
    .array(z.strictObject({ digest: digestText, person: idText<PersonId>(), untilUnixMs: unixMs, isRevoked }))
    .max(MAX_ENTRIES),
  codes: z.array(codeRecordSchema).max(MAX_ENTRIES),
});

/** What the authority for people remembers: whom it knows, what it issued, what it took back. */
export type Register = z.infer<typeof registerSchema>;
type Device = Register['devices'][number];
type Kept<T> = Result<T, Refusal<'people.unknown' | 'people.revoked' | 'people.full' | 'people.too-often'>>;

export const EMPTY_REGISTER: Register = {
  version: 1,
  listNumber: 0,
  persons: [],
  devices: [],
  clearances: [],
  codes: [],
};

/** `undefined` where the text is no register, or one that would not be read again. */
export const parseRegister = (text: string): Register | undefined => {
  try {
    return registerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

export const writeRegister = (register: Register): string => `${JSON.stringify(register, null, 2)}\n`;

/** A person who is known and not revoked. */
export const findPerson = ({ persons }: Register, person: PersonId): Kept<PersonId> => {
  const known = persons.find((one) => one.person === person);
  if (known === undefined)
    return refuse(
      'people.unknown',
      'nobody was enrolled under this id',
      'belfry ca enroll --person ID first',
    );
  return known.isRevoked
    ? refuse('people.revoked', 'this person was revoked', 'who is to come back is enrolled under a new id')
    : ok(person);
};

/** A code for a person, who is made known by it. */
export const addCode = (register: Register, code: CodeRecord, nowUnixMs: number): Kept<Register> => {
  const known = findPerson(register, code.person);
  if (!known.ok && known.refusal.code === 'people.revoked') return known;
  const codes = register.codes.filter(({ untilUnixMs }) => untilUnixMs > nowUnixMs);
  const open = codes.filter(({ usedBy }) => usedBy === undefined);
  if (open.length >= MAX_OPEN_CODES || (!known.ok && register.persons.length >= MAX_ENTRIES))
    return refuse('people.full', 'the register holds as many codes or people as it may');
  const persons = known.ok
    ? register.persons
    : [...register.persons, { person: code.person, isRevoked: false }];
  return ok({ ...register, persons, codes: [...codes, code] });
};

/** The device whose key it is, if neither it nor its person was revoked. */
export const findDevice = (register: Register, keyId: KeyId): Kept<Device> | undefined => {
  const device = register.devices.find((one) => one.keyId === keyId);
  if (device === undefined) return undefined;
  if (device.isRevoked) return refuse('people.revoked', 'this device was revoked');
  const person = findPerson(register, device.person);
  return person.ok ? ok(device) : person;
};

const renewalsOf = ({ renewedUnixMs = [] }: Device, nowUnixMs: number): readonly number[] =>
  renewedUnixMs.filter((unixMs) => nowUnixMs - unixMs < RENEWALS_WITHIN_MS);

/** A device that may be given another certificate now. */
export const findRenewable = (
  register: Register,
  keyId: KeyId,
  nowUnixMs: number,
): Kept<Device> | undefined => {
  const device = findDevice(register, keyId);
  if (!device?.ok || renewalsOf(device.value, nowUnixMs).length < MAX_RENEWALS) return device;
  return refuse(
    'people.too-often',
    `${device.value.device} of ${device.value.person} was given ${MAX_RENEWALS} certificates within a day`,
    'ask its person; if the device is lost, belfry ca revoke takes it back',
  );
};

/** A device's new certificate, and the code that its first one was asked for with. */
export const addDevice = (
  register: Register,
  names: DeviceNames,
  {
    keyId,
    untilUnixMs,
    code,
    nowUnixMs,
  }: { keyId: KeyId; untilUnixMs: number; code: CodeRecord | undefined; nowUnixMs: number },
): Kept<Register> => {
  const known = register.devices.find(({ device }) => device === names.device);
  const kept = known === undefined ? { sinceUnixMs: nowUnixMs } : renewed(known, nowUnixMs);
  const others = register.devices.filter(({ device }) => device !== names.device);
  if (others.length >= MAX_ENTRIES)
    return refuse('people.full', 'the register holds as many devices as it may');
  return ok({
    ...register,
    devices: [...others, { ...names, keyId, ...kept, untilUnixMs, isRevoked: false }],
    codes: register.codes.map((one) => (one === code ? { ...one, usedBy: keyId } : one)),
  });
};

const renewed = (known: Device, nowUnixMs: number) => ({
  ...(known.sinceUnixMs === undefined ? {} : { sinceUnixMs: known.sinceUnixMs }),
  renewedUnixMs: [...renewalsOf(known, nowUnixMs), nowUnixMs].slice(-MAX_RENEWALS),
});

/** Of one person, those whose certificate has not expired: the newest, where there are more than are told. */
export const devicesOf = (register: Register, person: PersonId, nowUnixMs: number): OwnDevices => {
  const own = register.devices.filter((one) => one.person === person && one.untilUnixMs > nowUnixMs);
  const devices = own.map(({ device, sinceUnixMs = 0 }) => ({ device, sinceUnixMs }));
  return { person, devices: devices.slice(-MAX_DEVICES_OF_ONE), issuedUnixMs: nowUnixMs };
};

/** Keys of a person's devices that are in use, but for one. */
export const otherKeysOf = (
  { devices }: Register,
  person: PersonId,
  { keyId, nowUnixMs }: { readonly keyId: KeyId; readonly nowUnixMs: number },
): readonly KeyId[] =>
  devices
    .filter((one) => one.person === person && !one.isRevoked && one.untilUnixMs > nowUnixMs)
    .map((one) => asId<KeyId>(one.keyId))
    .filter((other) => other !== keyId)
    .slice(-MAX_DEVICES_OF_ONE);

/** A new clearance of a person takes back the ones before. */
export const addClearance = (
  register: Register,
  { digest, person, untilUnixMs }: { digest: StatementDigest; person: PersonId; untilUnixMs: number },
  nowUnixMs: number,
): Kept<Register> => {
  const kept = register.clearances.filter((one) => isListed(one, nowUnixMs));
  if (kept.length >= MAX_ENTRIES)
    return refuse('people.full', 'the register holds as many clearances as it may');
  const before = kept.map((one) => (one.person === person ? { ...one, isRevoked: true } : one));
  return ok({ ...register, clearances: [...before, { digest, person, untilUnixMs, isRevoked: false }] });
};

/** Revokes the person or device of that id, for good. */
export const revoke = (register: Register, id: string): Kept<Register> => {
  const isPerson = register.persons.some(({ person }) => person === id);
  const isDevice = register.devices.some(({ device }) => device === id);
  if (!isPerson && !isDevice) return refuse('people.unknown', 'there is no person and no device of this id');
  return ok({
    ...register,
    persons: register.persons.map((one) => (one.person === id ? { ...one, isRevoked: true } : one)),
    devices: register.devices.map((one) => (one.device === id ? { ...one, isRevoked: true } : one)),
  });
};

/** Readers' clocks may be behind: what has just expired here may not have there. */
const CLOCKS_DIFFER_MS = 2 * DAY_MS;
const isListed = ({ untilUnixMs }: { readonly untilUnixMs: number }, nowUnixMs: number): boolean =>
  untilUnixMs + CLOCKS_DIFFER_MS > nowUnixMs;

/** The next list: everything revoked that has not expired by itself. */
export const nextList = (register: Register, nowUnixMs: number): RevocationList => {
  const lasting = <T extends { readonly untilUnixMs: number; readonly isRevoked: boolean }>(
    all: readonly T[],
  ) => all.filter((one) => one.isRevoked && isListed(one, nowUnixMs));
  return {
    number: register.listNumber + 1,
    issuedUnixMs: nowUnixMs,
    untilUnixMs: nowUnixMs + LIST_VALID_MS,
    persons: register.persons.filter((one) => one.isRevoked).map(({ person }) => person),
    devices: lasting(register.devices).map(({ device }) => device),
    clearances: lasting(register.clearances).map(({ digest }) => digest),
  };
};
