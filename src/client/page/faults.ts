import type { Refusal } from '../../base/result.ts';
import type { FaultCode } from './fault-codes.ts';

export type Captured = 'camera' | 'microphone' | 'screen';

/** Names of DOMException that `getUserMedia` and `getDisplayMedia` reject with (Media Capture, section 10.2). */
const CAPTURE_FAULTS: ReadonlyMap<string, 'permission' | 'no-device'> = new Map(
  Object.entries({
    NotAllowedError: 'permission',
    SecurityError: 'permission',
    NotFoundError: 'no-device',
    OverconstrainedError: 'no-device',
    NotSupportedError: 'no-device',
    TypeError: 'no-device',
  }),
);

/** Whatever else it was, the device is there and does not start. */
export const captureFault = (what: Captured, error: unknown): FaultCode => {
  const name = error instanceof Error ? error.name : '';
  return `${CAPTURE_FAULTS.get(name) ?? 'device-busy'}.${what}`;
};

const ENROL_FAULTS: ReadonlyMap<string, FaultCode> = new Map(
  Object.entries({
    'code.form': 'enrolment.code',
    'enrolment.refused': 'enrolment.code',
    'enrolment.no-mailbox': 'enrolment.no-mailbox',
    'enrolment.rate': 'enrolment.busy',
    'enrolment.too-often': 'enrolment.too-often',
    'enrolment.full': 'enrolment.busy',
    'enrolment.late': 'enrolment.late',
    'enrolment.network': 'relay.unreachable',
    'enrolment.other-root': 'enrolment.other-root',
  }),
);

/** Why this device got no certificate. Whatever is not known is wrong with the answer, which came by the relay. */
export const enrolFault = ({ code }: Refusal): FaultCode => ENROL_FAULTS.get(code) ?? 'enrolment.answer';

/** Who renews shows no code: the device is refused. A refusal is not signed, so it proves no revocation. */
export const renewFault = (why: Refusal): FaultCode =>
  why.code === 'enrolment.refused' ? 'enrolment.not-renewed' : enrolFault(why);

const JOIN_FAULTS: ReadonlyMap<string, FaultCode> = new Map(
  Object.entries({
    'entry.refused': 'admission.refused',
    'enter.no-device': 'device.missing',
    'entry.revoked': 'device.revoked',
    'entry.certificate-over': 'device.over',
    'entry.no-clearance': 'clearance.missing',
    'entry.clearance-not-good': 'clearance.too-low',
    'entry.not-cleared': 'clearance.too-low',
    'charter.other-digest': 'charter.other',
    'charter.other-meeting': 'charter.other',
    'entry.no-list': 'list.not-current',
    'entry.list-expired': 'list.not-current',
    'entry.replaced': 'device.replaced',
    'join.full': 'meeting.full',
    'server.full': 'meeting.full',
    'meeting.ended': 'meeting.ended',
    'server.stopping': 'relay.stopping',
    'hello.version': 'relay.version',
    'media.transport-failed': 'media.no-path',
    'deadline.passed': 'media.no-path',
  }),
);

/** By the first part of the code, where the rest is for whoever looks closer. */
const JOIN_FAMILIES: ReadonlyMap<string, FaultCode> = new Map(
  Object.entries({
    connection: 'relay.unreachable',
    protocol: 'relay.version',
    entry: 'device.not-admitted',
    list: 'list.not-current',
    revocation: 'list.not-current',
    charter: 'relay.not-believed',
    chain: 'relay.not-believed',
    act: 'relay.not-believed',
    presence: 'relay.not-believed',
    certificate: 'relay.not-believed',
    statement: 'relay.not-believed',
    json: 'relay.not-believed',
    group: 'group.no-epoch',
    mls: 'group.no-epoch',
  }),
);

/** Of somebody else, or of a list, while the meeting goes on. */
const PROBLEM_FAMILIES: ReadonlyMap<string, FaultCode> = new Map(
  Object.entries({
    entry: 'person.not-admitted',
    list: 'list.not-renewed',
    revocation: 'list.not-renewed',
    presence: 'proof.refused',
    certificate: 'proof.refused',
    statement: 'proof.refused',
    json: 'proof.refused',
    roster: 'proof.refused',
    group: 'group.doubtful',
  }),
);

const familyOf = (code: string): string => code.split('.', 1)[0] ?? '';

const isOneOf = <Code extends string>(code: string, ...codes: readonly Code[]): code is Code =>
  (codes as readonly string[]).includes(code);

const isOf = (code: string, ...families: readonly string[]): boolean => families.includes(familyOf(code));

/** Why this client did not get in. */
export const joinFault = ({ code }: Refusal): FaultCode =>
  JOIN_FAULTS.get(code) ?? JOIN_FAMILIES.get(familyOf(code)) ?? 'unexpected';

/** Why this client is out again. */
export const endFault = (why: Refusal): FaultCode => {
  const fault = joinFault(why);
  if (isOf(why.code, 'transform')) return 'media.sealing-over';
  if (why.code === 'meeting.ended' && why.message.includes('server-stopping')) return 'relay.stopping';
  return fault === 'relay.unreachable' ? 'relay.lost' : fault;
};

const TOLD_AS_THEY_ARE = [
  'media.seen-in-clear',
  'media.wrong-sender',
  'media.not-granted',
  'conduct.muted',
  'conduct.stopped',
  'group.held-back',
  'group.cut-off',
  'group.untold',
  'group.old-keys',
] as const;

/** What a person should hear of a problem in a meeting that goes on; `undefined` for what mends itself. */
export const problemFault = ({ code }: Refusal): FaultCode | undefined => {
  if (isOneOf(code, ...TOLD_AS_THEY_ARE)) return code;
  if (code === 'media.transport-failed') return 'media.no-path';
  if (isOf(code, 'frame', 'sealing', 'transform', 'worker')) return 'media.unsealed';
  if (isOf(code, 'media', 'connection', 'session', 'deadline')) return undefined;
  return PROBLEM_FAMILIES.get(familyOf(code)) ?? 'unexpected';
};
