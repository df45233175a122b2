import { z } from 'zod';
import type { MeetingId } from '../../base/ids.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import { bytesText, idText } from '../statement/schemas.ts';
import type { StatementKind } from '../statement/statement.ts';

/** What a device shows its key for: a proof for one is none for another. */
const PURPOSES = ['enter', 'resume', 'convene'] as const;

const schema = z.strictObject({
  /** The challenge of whoever asks, who takes each once. */
  nonce: bytesText(32),
  /** Binds the proof to one connection: carried over to another, it is worth nothing. */
  connection: bytesText(16, 64),
  meeting: idText<MeetingId>(),
  purpose: z.enum(PURPOSES),
});
export type Possession = z.infer<typeof schema>;

/** A device shows that it holds its certificate's key, here and now. */
export const POSSESSION: StatementKind<Possession> = { kind: 'possession', schema, maxBytes: 1_024 };

const CODES = {
  nonce: 'possession.other-nonce',
  connection: 'possession.other-connection',
  meeting: 'possession.other-meeting',
  purpose: 'possession.other-purpose',
} as const;
type PossessionCode = (typeof CODES)[keyof typeof CODES];

/** Whether an opened proof is the one asked for. That a nonce serves once is kept by who gave it. */
export const judgePossession = (
  proof: Possession,
  asked: Possession,
): Result<Possession, Refusal<PossessionCode>> => {
  const fields = Object.keys(CODES) as (keyof typeof CODES)[];
  const other = fields.find((field) => proof[field] !== asked[field]);
  return other === undefined ? ok(proof) : refuse(CODES[other], `the proof is for another ${other}`);
};
