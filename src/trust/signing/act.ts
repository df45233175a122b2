import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import { ACT, type Act } from '../acts/act.ts';
import type { SignedAct } from '../acts/input.ts';
import type { Envelope } from '../statement/statement.ts';
import type { Vouched } from '../statement/vouched.ts';
import type { SigningKey } from './keys.ts';
import { signStatement } from './statement.ts';
import { type Judge, openDeviceStatement, type VouchedRefusal } from './vouched.ts';

export const signAct = (act: Act, key: SigningKey): Promise<Envelope> => signStatement(ACT, act, key);

export type OpenActRefusal = VouchedRefusal | Refusal<'act.other-device'>;

/** The act, if the device that it names signed it. Whether it was revoked is the reader's next question. */
export const openAct = async (vouched: Vouched, judge: Judge): Promise<Result<SignedAct, OpenActRefusal>> => {
  const signed = await openDeviceStatement(ACT, vouched, judge);
  if (!signed.ok) return signed;
  const { opened, by } = signed.value;
  return opened.value.device === by.device
    ? ok({ opened, by: { person: by.person, device: by.device } })
    : refuse('act.other-device', 'another device signed it than the one that it names');
};
