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
    'enrolment.full': 'enrolment.busy',
    'enrolment.late': 'enrolment.late',
    'enrolment.network': 'relay.unreachable',
    'enrolment.other-root': 'enrolment.other-root',
  }),
);

/** Why this device got no certificate. Whatever is not known is wrong with the answer, which came by the relay. */
export const enrolFault = ({ code }: Refusal): FaultCode => ENROL_FAULTS.get(code) ?? 'enrolment.answer';

/** Who renews shows no code: the authority refuses the device. */
export const renewFault = (why: Refusal): FaultCode =>
  why.code === 'enrolment.refused' ? 'device.revoked' : enrolFault(why);

/** How a meeting is entered decides what a refusal means. */
export type EntryKind = 'token' | 'certificate';

const CERTIFIED_FAULTS: ReadonlyMap<string, FaultCode> = new Map(
  Object.entries({
    'enter.no-device': 'device.none',
    'entry.revoked': 'device.revoked',
    'entry.certificate-over': 'device.over',
    'certificate.expired': 'device.over',
    'entry.no-clearance': 'clearance.missing',
    'entry.clearance-not-good': 'clearance.too-low',
    'entry.not-cleared': 'clearance.too-low',
    'entry.no-list': 'list.unreachable',
    'entry.list-expired': 'list.unreachable',
    'entry.no-charter': 'charter.other',
    'meeting.ended': 'meeting.ended',
  }),
);

/** By the family of the code, where the code itself says no more. */
const CERTIFIED_FAMILIES: ReadonlyMap<string, FaultCode> = new Map(
  Object.entries({
    entry: 'admission.refused',
    list: 'list.unreachable',
    revocation: 'list.unreachable',
    charter: 'charter.other',
    certificate: 'relay.untrue',
    statement: 'relay.untrue',
    json: 'relay.untrue',
    presence: 'relay.untrue',
    root: 'relay.untrue',
  }),
);

const familyOf = (code: string): string => code.split('.', 1)[0] ?? '';
const certifiedFault = (code: string): FaultCode | undefined =>
  CERTIFIED_FAULTS.get(code) ?? CERTIFIED_FAMILIES.get(familyOf(code));

const JOIN_FAULTS: ReadonlyMap<string, FaultCode> = new Map(
  Object.entries({
    'entry.refused': 'invitation.refused',
    'join.full': 'meeting.full',
    'server.full': 'meeting.full',
    'meeting.ended': 'meeting.ended',
    'server.stopping': 'relay.stopping',
    'hello.version': 'relay.version',
    'media.transport-failed': 'media.no-path',
    'deadline.passed': 'media.no-path',
  }),
);

const isOf = (code: string, ...families: readonly string[]): boolean =>
  families.some((family) => code.startsWith(`${family}.`));

/** Why this client did not get in. */
export const joinFault = ({ code }: Refusal, entry: EntryKind = 'token'): FaultCode => {
  const known = (entry === 'certificate' && certifiedFault(code)) || JOIN_FAULTS.get(code);
  if (known !== undefined) return known;
  if (isOf(code, 'connection')) return 'relay.unreachable';
  return isOf(code, 'protocol') ? 'relay.version' : 'unexpected';
};

/** Why this client is out again. */
export const endFault = (why: Refusal, entry: EntryKind = 'token'): FaultCode => {
  const fault = joinFault(why, entry);
  if (isOf(why.code, 'transform')) return 'media.sealing-over';
  if (why.code === 'meeting.ended' && why.message.includes('server-stopping')) return 'relay.stopping';
  return fault === 'relay.unreachable' ? 'relay.lost' : fault;
};

const MENDING = ['media', 'connection', 'session', 'deadline'] as const;
/** Somebody else is not shown, or no longer: the lock's line counts them. */
const OF_OTHERS = ['entry', 'presence', 'certificate', 'statement', 'announcement', 'roster'] as const;

/** What a person should hear of a problem in a meeting that goes on; `undefined` for what mends itself. */
export const problemFault = ({ code }: Refusal): FaultCode | undefined => {
  if (code === 'media.seen-in-clear') return code;
  if (code === 'media.transport-failed') return 'media.no-path';
  if (isOf(code, 'list', 'revocation')) return 'list.unreachable';
  if (isOf(code, 'frame', 'sealing', 'transform', 'worker')) return 'media.unsealed';
  return isOf(code, ...MENDING, ...OF_OTHERS) ? undefined : 'unexpected';
};
