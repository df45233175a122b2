import { SENDER_NUMBER_BITS } from '../base/media.ts';

/** A key id of 64 bits leaves this many for the context: the sender's number fills the rest. */
const CONTEXT_BITS = 64 - SENDER_NUMBER_BITS;
export const MAX_CONTEXT = 2 ** CONTEXT_BITS - 1;
export const MAX_SENDER_NUMBER = 2 ** SENDER_NUMBER_BITS - 1;

const NUMBER_BITS = BigInt(SENDER_NUMBER_BITS);

/** `context`: the sender's outgoing stream or layer, 0 to `MAX_CONTEXT`; `number`: the sender, 0 to `MAX_SENDER_NUMBER`. */
export interface KidParts {
  readonly context: number;
  readonly number: number;
}

/** RFC 9605 section 5.2's idea of bit fields in the KID: `context << 20 | number`. Both must be within their bounds. */
export const joinKid = ({ context, number }: KidParts): bigint =>
  (BigInt(context) << NUMBER_BITS) | BigInt(number);

/** Any 64-bit KID splits: nothing can be malformed here. */
export const splitKid = (kid: bigint): KidParts => ({
  context: Number(kid >> NUMBER_BITS),
  number: Number(kid & BigInt(MAX_SENDER_NUMBER)),
});
