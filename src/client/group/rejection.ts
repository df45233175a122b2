import type { ParticipantId } from '../../base/ids.ts';
import { REJECTION, type Rejection } from '../../trust/rejection/rejection.ts';
import type { SigningKey } from '../../trust/signing/keys.ts';
import { openStatement, signStatement } from '../../trust/signing/statement.ts';
import type { PublicKeyInfo } from '../../trust/statement/statement.ts';

/** Signs as this device, and opens what others signed: everybody hears of a rejection, and nobody can say it for another. */
export interface Rejections {
  sign(rejection: Rejection): Promise<string>;
  /** `undefined` for what `by` did not sign. */
  open(by: ParticipantId, reason: string): Promise<Rejection | undefined>;
}

/** `keyOf`: of whoever's certificate was found good. */
export const signedRejections = (
  signing: SigningKey,
  keyOf: (participant: ParticipantId) => PublicKeyInfo | undefined,
): Rejections => ({
  sign: async (rejection) => JSON.stringify(await signStatement(REJECTION, rejection, signing)),
  open: async (by, reason) => {
    const [key, envelope] = [keyOf(by), parsed(reason)];
    const opened = key && (await openStatement(REJECTION, envelope, key));
    return opened?.ok ? opened.value.value : undefined;
  },
});

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
