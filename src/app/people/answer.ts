import { utf8 } from '../../base/bytes.ts';
import { BelfryError } from '../../base/errors.ts';
import { OWN_DEVICES } from '../../trust/devices/devices.ts';
import type { EnrolmentAnswer } from '../../trust/devices/enrolment.ts';
import type { PersonId } from '../../trust/devices/ids.ts';
import { CLEARANCE } from '../../trust/markings/clearance.ts';
import { SCALE } from '../../trust/markings/scale.ts';
import { openOfficeStatement } from '../../trust/signing/vouched.ts';
import type { KeyId, StatementDigest } from '../../trust/statement/statement.ts';
import { readJson } from '../../trust/statement/strict-json.ts';
import { type Vouched, vouchedSchema } from '../../trust/statement/vouched.ts';
import { type At, type PeopleAuthority, withPeople } from './authority.ts';
import { type IssuedCertificate, readRequest, signWith } from './enrolment.ts';
import { readClearance } from './files.ts';
import { signAs } from './offices.ts';
import { devicesOf, otherKeysOf } from './register.ts';

export interface Answered {
  /** Of the key that asked: under it the answer is looked for. */
  readonly keyId: KeyId;
  readonly answer: EnrolmentAnswer;
  /** Absent: refused, for `why`. */
  readonly issued?: IssuedCertificate;
  /** What the person's other devices are told, each under its own key. */
  readonly told?: ToldDevices | undefined;
  readonly why?: BelfryError;
}

export interface ToldDevices {
  readonly keyIds: readonly KeyId[];
  readonly devices: Vouched;
}

/** Answers a device's request with all that its owner needs. Throws where `text` is no request that anybody made. */
export const answerRequest = async (at: At, text: string): Promise<Answered> => {
  const request = await readRequest(text);
  const {
    digest,
    publicKey: { keyId },
  } = request;
  try {
    return await withPeople(at, async (opened) => {
      const { issued, authority } = await signWith(opened, request);
      const answer = await answerFor(authority, issued, digest);
      const keyIds = otherKeysOf(authority.register, issued.person, { keyId, nowUnixMs: at.nowUnixMs });
      return { keyId, issued, answer, told: { keyIds, devices: answer.devices } };
    });
  } catch (why) {
    if (!(why instanceof BelfryError) || !REFUSALS.has(why.code)) throw why;
    return { keyId, why, answer: { kind: 'refused', request: digest, ...reasonFor(why) } };
  }
};

/** A device that is known hears it: it showed its key, and strangers learn nothing by it. */
const reasonFor = ({ code }: BelfryError) =>
  code === 'people.too-often' ? { because: 'too-often' as const } : {};

/** What lies with who asks; everything else is this authority's own trouble, and the request waits. */
const REFUSALS: ReadonlySet<string> = new Set([
  'code.unknown',
  'code.used',
  'code.expired',
  'people.unknown',
  'people.revoked',
  'people.too-often',
]);

const answerFor = async (
  authority: PeopleAuthority,
  { person, certificate }: IssuedCertificate,
  request: StatementDigest,
): Promise<Extract<EnrolmentAnswer, { kind: 'enrolled' }>> => {
  const { at, register, root, scale } = authority;
  const clearance = await clearanceOf(authority, person);
  return {
    kind: 'enrolled',
    request,
    root: root.pem,
    certificate,
    scale: await signAs(authority, 'clearance', SCALE, scale),
    devices: await signAs(authority, 'clearance', OWN_DEVICES, devicesOf(register, person, at.nowUnixMs)),
    ...(clearance === undefined ? {} : { clearance }),
  };
};

const MAX_CLEARANCE_BYTES = 32_768;

/** `undefined` where there is none, and where it is another's, expired or damaged: a device cannot do anything with it. */
const clearanceOf = async ({ at, root }: PeopleAuthority, person: PersonId): Promise<Vouched | undefined> => {
  const text = await readClearance(at.folder, person);
  if (text === undefined) return undefined;
  const vouched = readJson(utf8(text.trim()), MAX_CLEARANCE_BYTES, vouchedSchema);
  if (!vouched.ok) return undefined;
  const judge = { root, nowUnixMs: at.nowUnixMs };
  const opened = await openOfficeStatement(CLEARANCE, 'clearance', vouched.value, judge);
  const isGood =
    opened.ok && opened.value.value.person === person && at.nowUnixMs < opened.value.value.untilUnixMs;
  return isGood ? vouched.value : undefined;
};
