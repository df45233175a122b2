import { toBase64Url } from '../../base/bytes.ts';
import type { Clock, RandomBytes } from '../../base/clock.ts';
import { asId, type MeetingId } from '../../base/ids.ts';
import type { Source } from '../../base/media.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import {
  CHARTER,
  type Charter,
  DEFAULT_GRANTS,
  DEFAULT_SUITE,
  type Suite,
} from '../../trust/charter/charter.ts';
import type { DeviceNames, PersonId } from '../../trust/devices/ids.ts';
import { rankOf } from '../../trust/markings/label.ts';
import { openCharter } from '../../trust/signing/charter.ts';
import { judgeDeviceCertificate } from '../../trust/signing/people-certificate.ts';
import { signStatement } from '../../trust/signing/statement.ts';
import { Connection } from '../connection/connection.ts';
import type { OpenSocket } from '../connection/socket.ts';
import { type MeetingLink, socketUrl } from '../link.ts';
import type { Enrolled } from '../people/enrolled.ts';
import { provePossession } from '../people/proofs.ts';

/** What a convener decides; everything else of a charter follows. */
export interface Plan {
  readonly level: string;
  readonly groups: readonly string[];
  /** Empty: whoever is cleared for the marking. */
  readonly persons: readonly PersonId[];
  /** Absent: the convener. */
  readonly chair: PersonId | undefined;
  readonly deputies: readonly PersonId[];
  /** How the meeting's group agrees on keys. Absent: the default, which holds against quantum computers. */
  readonly suite?: Suite | undefined;
  /** Nobody comes in before the chair or a deputy has. */
  readonly opensWithChair?: boolean | undefined;
  /** What members may send from their coming on. Absent: the default, which is written into the charter all the same. */
  readonly grants?: readonly Source[] | undefined;
}

interface ConveneOptions {
  readonly origin: string;
  readonly device: Enrolled;
  readonly openSocket: OpenSocket;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
}

type Convened = Promise<Result<MeetingLink, Refusal>>;

const MEETING_ID_BYTES = 16;

/**
 * Signs a charter with this device, and has the relay open its meeting. Nothing of the link can be
 * used by anybody whom the charter does not admit. Refusals: those of the charter's parts, `entry.refused` where the relay does not take it, those of a connection.
 */
export const convene = async (options: ConveneOptions, plan: Plan): Convened => {
  const { device, clock, origin, randomBytes } = options;
  const own = await judgeDeviceCertificate(device.certificate, device.root, clock.unixMs());
  if (!own.ok) return own;
  const charter = charterOf(
    plan,
    own.value,
    device,
    asId<MeetingId>(toBase64Url(randomBytes(MEETING_ID_BYTES))),
  );
  if (!charter.ok) return charter;
  const statement = await signStatement(CHARTER, charter.value, device.signing);
  const vouched = { certificate: device.certificate, statement };
  const opened = await openCharter(vouched, { root: device.root, nowUnixMs: clock.unixMs() });
  if (!opened.ok) return opened;
  const { meeting } = charter.value;
  const asked = await ask(options, meeting, vouched);
  if (!asked.ok) return asked;
  return ok({ origin, meeting, charter: opened.value.opened.digest, root: device.root.sha256 });
};

/** Everybody who leads must be let in, and the marking must be one of the scale. */
const charterOf = (
  {
    level,
    groups,
    persons,
    chair,
    deputies,
    suite = DEFAULT_SUITE,
    opensWithChair = false,
    grants = DEFAULT_GRANTS,
  }: Plan,
  names: DeviceNames,
  { scale }: Enrolled,
  meeting: MeetingId,
): Result<Charter, Refusal> => {
  const marking = { scale: scale.scale, level, groups: [...new Set(groups)].sort() };
  const rank = rankOf(marking, scale);
  if (!rank.ok)
    return refuse(
      rank.refusal.code,
      rank.refusal.message,
      `one of ${scale.levels.map(({ id }) => id).join(', ')}`,
    );
  const leaders = [chair ?? names.person, ...deputies];
  const charter: Charter = {
    meeting,
    convener: names.device,
    marking,
    suite,
    admission:
      persons.length === 0
        ? { kind: 'cleared' }
        : { kind: 'roster', persons: [...new Set([...persons, ...leaders])] },
    chair: chair ?? names.person,
    deputies: [...deputies],
    opensByItself: !opensWithChair,
    grants: [...grants],
  };
  const shaped = CHARTER.schema.safeParse(charter);
  return shaped.success
    ? ok(charter)
    : refuse(
        'charter.form',
        `the charter cannot be signed: ${shaped.error.issues[0]?.message ?? 'it is malformed'}`,
      );
};

const ask = async (
  options: ConveneOptions,
  meeting: MeetingId,
  charter: { readonly certificate: string; readonly statement: Awaited<ReturnType<typeof signStatement>> },
): Promise<Result<unknown, Refusal>> => {
  const { origin, device } = options;
  const connection = new Connection({ ...options, url: socketUrl({ origin }), onListenerError() {} });
  try {
    const purpose = 'convene' as const;
    const challenge = await connection.request('challenge', { meeting, purpose });
    if (!challenge.ok) return challenge;
    const { session } = connection;
    if (session === undefined) return refuse('session.lost', 'the session ended while the device signed');
    const proof = await provePossession(
      { nonce: challenge.value.nonce, session, meeting, purpose },
      device.signing,
    );
    return proof.ok ? await connection.request('convene', { charter, proof: proof.value }) : proof;
  } finally {
    connection.close();
  }
};
