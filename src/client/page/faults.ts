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
export const joinFault = ({ code }: Refusal): FaultCode => {
  const known = JOIN_FAULTS.get(code);
  if (known !== undefined) return known;
  if (isOf(code, 'connection')) return 'relay.unreachable';
  return isOf(code, 'protocol') ? 'relay.version' : 'unexpected';
};

/** Why this client is out again. */
export const endFault = (why: Refusal): FaultCode => {
  const fault = joinFault(why);
  if (isOf(why.code, 'transform')) return 'media.sealing-over';
  if (why.code === 'meeting.ended' && why.message.includes('server-stopping')) return 'relay.stopping';
  return fault === 'relay.unreachable' ? 'relay.lost' : fault;
};

/** What a person should hear of a problem in a meeting that goes on; `undefined` for what mends itself. */
export const problemFault = ({ code }: Refusal): FaultCode | undefined => {
  if (code === 'media.seen-in-clear') return code;
  if (code === 'media.transport-failed') return 'media.no-path';
  if (isOf(code, 'frame', 'sealing', 'transform', 'worker')) return 'media.unsealed';
  return isOf(code, 'media', 'connection', 'session', 'deadline') ? undefined : 'unexpected';
};
