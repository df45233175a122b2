import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import { COUNTERSIGNATURE, type SignedCheckpoint } from '../../trust/record/checkpoint.ts';
import { isSignedByRecord } from '../../trust/signing/checkpoint.ts';
import { signStatement } from '../../trust/signing/statement.ts';
import type { Ask } from '../media-session.ts';
import type { Enrolled } from '../people/enrolled.ts';

export type CheckpointRefusal = Refusal<
  'record.not-signed' | 'record.other-key' | 'record.behind' | 'record.forked'
>;

/** What a relay that keeps one record can tell after `kept`. */
export const judgeCheckpoint = (
  kept: SignedCheckpoint | undefined,
  next: SignedCheckpoint,
): Result<SignedCheckpoint, CheckpointRefusal> => {
  if (kept === undefined) return ok(next);
  if (next.publicKey !== kept.publicKey)
    return refuse('record.other-key', 'the record is signed by another key than before');
  if (next.count < kept.count) return refuse('record.behind', 'the record is shorter than it was');
  if (next.count === kept.count && next.hash !== kept.hash)
    return refuse('record.forked', 'the record is another one than before');
  return ok(next);
};

export interface RecordKeepingOptions {
  readonly device: Enrolled;
  readonly ask: Ask;
  /** Whether this device signs what it keeps. */
  readonly countersigns: () => boolean;
  readonly onKept: (checkpoint: SignedCheckpoint) => void;
  readonly onProblem: (problem: Refusal) => void;
}

/** Keeps what the relay signed of its record: the record can be made neither shorter nor other behind this device's back. */
export class RecordKeeping {
  readonly #options: RecordKeepingOptions;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: RecordKeepingOptions) {
    this.#options = options;
  }

  /** One after the other. Never rejects. */
  take(checkpoint: SignedCheckpoint): Promise<void> {
    this.#turn = this.#turn
      .then(() => this.#take(checkpoint))
      .catch(() => this.#options.onProblem(NOT_KEPT.refusal));
    return this.#turn;
  }

  async #take(checkpoint: SignedCheckpoint): Promise<void> {
    const { device, onKept, onProblem, countersigns } = this.#options;
    const judged = (await isSignedByRecord(checkpoint))
      ? judgeCheckpoint(await device.records?.newestOf(checkpoint.record), checkpoint)
      : NOT_SIGNED;
    if (!judged.ok) {
      onProblem(judged.refusal);
      return;
    }
    await device.records?.keep(checkpoint);
    onKept(checkpoint);
    if (countersigns()) await this.#countersign(checkpoint);
  }

  async #countersign({ record, count, hash }: SignedCheckpoint): Promise<void> {
    const { device, ask, onProblem } = this.#options;
    const statement = await signStatement(COUNTERSIGNATURE, { record, count, hash }, device.signing);
    const taken = await ask('countersign', {
      countersignature: { certificate: device.certificate, statement },
    });
    // One that came too late is followed by the next.
    if (!taken.ok && taken.refusal.code !== 'record.refused' && taken.refusal.code !== 'session.lost')
      onProblem(taken.refusal);
  }
}

const NOT_SIGNED = refuse('record.not-signed', 'the relay did not sign what it tells of its record');
const NOT_KEPT = refuse('record.not-kept', 'what the relay signed of its record could not be kept');
