import { equalBytes, utf8 } from '../../base/bytes.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import type { DeviceIdentity } from '../../trust/devices/certificate.ts';
import { OWN_DEVICES, type OwnDevices } from '../../trust/devices/devices.ts';
import {
  type EnrolmentAnswer,
  enrolmentAnswerSchema,
  MAX_ANSWER_BYTES,
} from '../../trust/devices/enrolment.ts';
import { CLEARANCE } from '../../trust/markings/clearance.ts';
import { SCALE, type Scale } from '../../trust/markings/scale.ts';
import {
  judgeDeviceCertificate,
  openPeopleRoot,
  type PeopleRoot,
} from '../../trust/signing/people-certificate.ts';
import { type Judge, openOfficeStatement } from '../../trust/signing/vouched.ts';
import type { KeyId } from '../../trust/statement/statement.ts';
import { readJson } from '../../trust/statement/strict-json.ts';
import type { Vouched } from '../../trust/statement/vouched.ts';

/** What an authority gave a device, each part found good. */
export interface Enrolment {
  readonly root: PeopleRoot;
  /** PEM. */
  readonly certificate: string;
  readonly identity: DeviceIdentity;
  readonly scale: Scale;
  /** As they travel: to be kept, and shown. */
  readonly statements: { readonly scale: Vouched; readonly clearance: Vouched | undefined };
  readonly devices: OwnDevices;
}

type Checked<T> = Promise<Result<T, Refusal>>;

const WRONG = 'what the relay handed over is not what the authority answered';
const wrong = (code: string, remedy = 'tell the operators of the relay') => refuse(code, WRONG, remedy);

/** What is known of the right answer before it comes. */
export interface Expected {
  /** SHA-256 of the authority's root, from whoever invited. */
  readonly rootSha256: Uint8Array;
  readonly keyId: KeyId;
  readonly nowUnixMs: number;
}

export const readAnswer = (text: string): Result<EnrolmentAnswer, Refusal> => {
  const read = readJson(utf8(text.trim()), MAX_ANSWER_BYTES, enrolmentAnswerSchema);
  return read.ok ? read : wrong('enrolment.answer');
};

/**
 * Everything in an answer came through hands that nobody trusts. Refusals: `enrolment.refused`, `enrolment.too-often`, `enrolment.other-root`, and
 * others for the part that is wrong.
 */
export const openAnswer = async (answer: EnrolmentAnswer, expected: Expected): Checked<Enrolment> => {
  if (answer.kind === 'refused') return answer.because === 'too-often' ? TOO_OFTEN : REFUSED;
  const root = await openPeopleRoot(answer.root);
  if (!root.ok || !equalBytes(root.value.sha256, expected.rootSha256)) return wrong('enrolment.other-root');
  return openParts(answer, root.value, expected);
};

const REFUSED = refuse(
  'enrolment.refused',
  'the authority gave no certificate',
  'the code was used, has ended or was mistyped: ask for a new one',
);
const TOO_OFTEN = refuse(
  'enrolment.too-often',
  'this device asked for more certificates than it is given in a day',
  'try again tomorrow; if nobody asked so often, tell the authority that somebody else has this device',
);

type Given = Extract<EnrolmentAnswer, { kind: 'enrolled' }>;

const openParts = async (
  given: Given,
  root: PeopleRoot,
  { keyId, nowUnixMs }: Expected,
): Checked<Enrolment> => {
  const identity = await judgeDeviceCertificate(given.certificate, root, nowUnixMs);
  if (!identity.ok) return wrong(identity.refusal.code, CLOCK);
  if (identity.value.publicKey.keyId !== keyId) return wrong('enrolment.other-key');
  const judge = { root, nowUnixMs };
  const scale = await openOfficeStatement(SCALE, 'clearance', given.scale, judge);
  if (!scale.ok) return wrong(scale.refusal.code, CLOCK);
  const devices = await openOfficeStatement(OWN_DEVICES, 'clearance', given.devices, judge);
  if (!devices.ok || devices.value.value.person !== identity.value.person) return wrong('enrolment.devices');
  if (!(await isOwnClearance(given.clearance, identity.value, judge))) return wrong('enrolment.clearance');
  return ok({
    root,
    certificate: given.certificate,
    identity: identity.value,
    scale: scale.value.value,
    statements: { scale: given.scale, clearance: given.clearance },
    devices: devices.value.value,
  });
};

const CLOCK = 'look whether this device has the right time, then tell the operators of the relay';

const isOwnClearance = async (
  clearance: Vouched | undefined,
  { person }: DeviceIdentity,
  judge: Judge,
): Promise<boolean> => {
  if (clearance === undefined) return true;
  const opened = await openOfficeStatement(CLEARANCE, 'clearance', clearance, judge);
  return opened.ok && opened.value.value.person === person;
};
