import type { Refusal, Result } from '../../base/result.ts';
import { CHARTER, judgeConvener, type SignedCharter } from '../charter/charter.ts';
import type { Vouched } from '../statement/vouched.ts';
import { type Judge, openDeviceStatement, type VouchedRefusal } from './vouched.ts';

export type CharterRefusal = VouchedRefusal | Refusal<'charter.other-convener'>;

/** The charter, if the device that it names signed it. */
export const openCharter = async (
  vouched: Vouched,
  judge: Judge,
): Promise<Result<SignedCharter, CharterRefusal>> => {
  const signed = await openDeviceStatement(CHARTER, vouched, judge);
  return signed.ok ? judgeConvener(signed.value) : signed;
};
