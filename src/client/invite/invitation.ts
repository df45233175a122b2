import { z } from 'zod';
import type { RandomBytes } from '../../base/clock.ts';
import { asId, isId, type MeetingId } from '../../base/ids.ts';
import { type Result, refuse } from '../../base/result.ts';
import { newMeetingSecret } from '../../e2ee/psk/secret.ts';
import { formatLink, type MeetingLink, parseLink } from '../link.ts';

/** What the relay hands to a host: everything of a link but the secret, which the relay must never hold. */
const invitation = z.strictObject({
  origin: z.url(),
  meeting: z.string().refine(isId),
  token: z.string().min(1).max(2048),
});

/** An invitation (one line of JSON) becomes a link with a fresh secret. Refusal: `invitation.invalid`. */
export const acceptInvitation = (text: string, randomBytes: RandomBytes): Result<MeetingLink> => {
  const parsed = invitation.safeParse(jsonOf(text));
  if (!parsed.success)
    return refuse(
      'invitation.invalid',
      'this is no invitation of a relay',
      'start it with belfry serve or demo',
    );
  const { origin, meeting, token } = parsed.data;
  // Through the text form, so that what is printed is exactly what can be read back.
  return parseLink(
    formatLink({ origin, meeting: asId<MeetingId>(meeting), token, secret: newMeetingSecret(randomBytes) }),
  );
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
