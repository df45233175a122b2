import { asId } from '../../src/base/ids.ts';
import type { VerifiedParticipant } from '../../src/client/store/state.ts';
import type { Announcement, Credentials, RequestOf } from '../../src/signaling/protocol/messages.ts';
import type { Envelope } from '../../src/trust/statement/statement.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';

/*
 * Entries of the right form that nobody signed, and people whom nobody verified: for whatever takes them without looking inside.
 */

export const STATEMENT: Envelope = {
  kind: 'k',
  alg: 'ES256',
  bytes: 'e30',
  signature: 'c2ln',
  signer: 's'.repeat(43),
};
export const VOUCHED: Vouched = { certificate: 'pem', statement: STATEMENT };
export const CREDENTIALS: Credentials = { certificate: 'pem', clearance: VOUCHED, presence: STATEMENT };

export const announcementOf = (number: number): Announcement => ({ salt: 'A'.repeat(22), number });

/** All of an `enter` but its meeting. */
export const enterOf = (number: number): Omit<RequestOf<'enter'>, 'meeting'> => ({
  id: 2,
  kind: 'enter',
  passport: { certificate: 'pem', clearance: VOUCHED, proof: STATEMENT },
  announcement: announcementOf(number),
  presence: STATEMENT,
});

/** As a client shows somebody; the first device of a person of that name. */
export const verifiedOf = (name: string, number = 1): VerifiedParticipant => ({
  participant: asId(name),
  number,
  name,
  person: asId(name),
  device: asId(`${name}-1`),
});
