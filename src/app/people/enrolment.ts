import { fromBase64Url, toBase64Url, utf8 } from '../../base/bytes.ts';
import { BelfryError } from '../../base/errors.ts';
import {
  CODE_BYTES,
  CODE_VALID_MS,
  type CodeRecord,
  judgeCode,
  readCode,
  writeCode,
} from '../../trust/devices/codes.ts';
import { MAX_REQUEST_BYTES } from '../../trust/devices/enrolment.ts';
import { type DeviceNames, newDeviceId, type PersonId } from '../../trust/devices/ids.ts';
import { roleValidity } from '../../trust/devices/roles.ts';
import {
  type DeviceRequest,
  hashOfCode,
  isProvenBy,
  openDeviceRequest,
} from '../../trust/signing/device-request.ts';
import { issueDeviceCertificate } from '../../trust/signing/people-authority.ts';
import { envelopeSchema } from '../../trust/statement/statement.ts';
import { readJson } from '../../trust/statement/strict-json.ts';
import { type At, keepRegister, type PeopleAuthority, withPeople } from './authority.ts';
import { grantedOr } from './faults.ts';
import { addCode, addDevice, findPerson, findRenewable } from './register.ts';

export interface IssuedCode {
  readonly person: PersonId;
  readonly code: string;
  readonly untilUnixMs: number;
}

/** A code with which one device of `person` may ask for its first certificate. Only its hash is kept. */
export const enroll = (at: At, person: PersonId): Promise<IssuedCode> =>
  withPeople(at, async (authority) => {
    const code = writeCode(at.randomBytes(CODE_BYTES));
    const hash = toBase64Url(await hashOfCode(readCode(code) ?? ''));
    const untilUnixMs = at.nowUnixMs + CODE_VALID_MS;
    const register = addCode(authority.register, { hash, person, untilUnixMs }, at.nowUnixMs);
    await keepRegister(authority, grantedOr(register));
    return { person, code, untilUnixMs };
  });

export interface IssuedCertificate extends DeviceNames {
  /** PEM. */
  readonly certificate: string;
  readonly untilUnixMs: number;
  /** The device had one before. */
  readonly isRenewed: boolean;
}

/**
 * A certificate for the key of `text`, a request: of a device that is known by that key, else of whoever knows a code.
 * What was issued is kept before it is handed out; a command that is killed in between is simply given once more.
 */
export const sign = (at: At, text: string): Promise<IssuedCertificate> =>
  withPeople(at, async (authority) => (await signWith(authority, await readRequest(text))).issued);

/** Checks that its maker holds its key, and no more. */
export const readRequest = async (text: string): Promise<DeviceRequest> => {
  const envelope = grantedOr(readJson(utf8(text), MAX_REQUEST_BYTES, envelopeSchema));
  return grantedOr(await openDeviceRequest(envelope));
};

/** Within the lock that `authority` was opened under; it is as it was before, but for its register. */
export const signWith = async (
  authority: PeopleAuthority,
  request: DeviceRequest,
): Promise<{ readonly issued: IssuedCertificate; readonly authority: PeopleAuthority }> => {
  const { at } = authority;
  const { names, code } = await namesFor(authority, request);
  const { untilUnixMs } = roleValidity('device', at.nowUnixMs, authority.root.validity);
  const { publicKey } = request;
  const certificate = await issueDeviceCertificate(authority.keyed, names, publicKey, at);
  const device = { keyId: publicKey.keyId, untilUnixMs, code, nowUnixMs: at.nowUnixMs };
  const kept = await keepRegister(authority, grantedOr(addDevice(authority.register, names, device)));
  const issued = { ...names, certificate, untilUnixMs, isRenewed: code === undefined };
  return { issued, authority: kept };
};

interface Names {
  readonly names: DeviceNames;
  /** Absent: the device was known. */
  readonly code: CodeRecord | undefined;
}

const namesFor = async ({ at, register }: PeopleAuthority, request: DeviceRequest): Promise<Names> => {
  const known = findRenewable(register, request.publicKey.keyId, at.nowUnixMs);
  if (known !== undefined) {
    const { person, device } = grantedOr(known);
    return { names: { person, device }, code: undefined };
  }
  const code = judgeCode(await codeOf(register.codes, request), at.nowUnixMs);
  if (!code.ok)
    throw new BelfryError(code.refusal.code, code.refusal.message, {
      remedy: 'belfry ca enroll --person ID gives a new code, with which the device asks again',
    });
  const person = grantedOr(findPerson(register, code.value.person));
  return { names: { person, device: newDeviceId(at.randomBytes) }, code: code.value };
};

const codeOf = async (
  codes: readonly CodeRecord[],
  request: DeviceRequest,
): Promise<CodeRecord | undefined> => {
  for (const code of codes) {
    const hash = fromBase64Url(code.hash);
    if (hash !== undefined && (await isProvenBy(request, hash))) return code;
  }
  return undefined;
};
