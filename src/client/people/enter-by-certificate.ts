import type { MeetingId, SessionId } from '../../base/ids.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { Announcement, Credentials, ReplyOf } from '../../signaling/protocol/messages.ts';
import type { Ask } from '../media-session.ts';
import type { Enrolled } from './enrolled.ts';
import { declarePresence, provePossession } from './proofs.ts';

export interface Bearer {
  readonly device: Enrolled;
  /** The session that requests go to now. */
  readonly session: () => SessionId | undefined;
}

export interface EnteredByCertificate {
  readonly reply: ReplyOf<'enter'>;
  /** As the others are shown them. */
  readonly credentials: Credentials;
}

/** A challenge, then the entry. A challenge serves once: whoever tries again calls this again. */
export const enterByCertificate = async (
  ask: Ask,
  { device, session }: Bearer,
  meeting: MeetingId,
  announcement: Announcement,
): Promise<Result<EnteredByCertificate>> => {
  const challenge = await ask('challenge', { meeting, purpose: 'enter' });
  if (!challenge.ok) return challenge;
  const bound = session();
  if (bound === undefined) return LOST;
  const asked = { nonce: challenge.value.nonce, session: bound, meeting, purpose: 'enter' } as const;
  const proof = await provePossession(asked, device.signing);
  if (!proof.ok) return proof;
  const { certificate, clearance } = device;
  const presence = await declarePresence(meeting, announcement, device.signing);
  // Signing takes its time: in another session this proof would only be refused.
  if (session() !== bound) return LOST;
  const passport = { certificate, clearance, proof: proof.value };
  const reply = await ask('enter', { meeting, passport, announcement, presence });
  return reply.ok ? ok({ reply: reply.value, credentials: { certificate, clearance, presence } }) : reply;
};

const LOST = refuse('session.lost', 'the session ended while the device signed');
