import type { MeetingId, SessionId } from '../../base/ids.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { Announcement } from '../../signaling/protocol/messages.ts';
import { POSSESSION, type Possession } from '../../trust/devices/possession.ts';
import { PRESENCE } from '../../trust/devices/presence.ts';
import type { SigningKey } from '../../trust/signing/keys.ts';
import { signStatement } from '../../trust/signing/statement.ts';
import type { Envelope } from '../../trust/statement/statement.ts';

/** What the server asks a device to show its key for. */
export interface Asked {
  readonly nonce: string;
  readonly session: SessionId;
  readonly meeting: MeetingId;
  readonly purpose: Possession['purpose'];
}

/** Refuses `protocol.malformed`: nonce and session are the server's words, and not everything is signed. */
export const provePossession = async (
  { nonce, session, meeting, purpose }: Asked,
  key: SigningKey,
): Promise<Result<Envelope>> => {
  const asked = POSSESSION.schema.safeParse({ nonce, connection: session, meeting, purpose });
  if (!asked.success) return refuse('protocol.malformed', 'the server asked to sign what is no challenge');
  return ok(await signStatement(POSSESSION, asked.data, key));
};

/** The device's word that this announcement is its own. */
export const declarePresence = (
  meeting: MeetingId,
  { salt, number }: Announcement,
  key: SigningKey,
): Promise<Envelope> => signStatement(PRESENCE, { meeting, salt, number }, key);

/** For `Connection`: the session's secret is the nonce, because each serves once. */
export const resumeProver =
  (meeting: MeetingId, key: SigningKey) =>
  async (session: SessionId, secret: string): Promise<Envelope | undefined> => {
    const proof = await provePossession({ nonce: secret, session, meeting, purpose: 'resume' }, key);
    return proof.ok ? proof.value : undefined;
  };
