import { ok, type Refusal, type Result, refuse } from '../base/result.ts';
import { COUNTERSIGNATURE, type Countersigned, type SignedCheckpoint } from '../trust/record/checkpoint.ts';
import { openStatement } from '../trust/signing/statement.ts';
import type { Meetings } from './meetings.ts';
import type { AuditSink, Checkpoints } from './ports.ts';
import type { AnswerCode } from './protocol/codes.ts';
import type { RequestOf } from './protocol/messages.ts';
import type { Session } from './session/session.ts';

/** Checkpoints that may still be countersigned: an answer comes within seconds, and one is made each minute. */
const MAX_OPEN = 4;

interface CountersigningOptions {
  readonly checkpoints: Checkpoints;
  readonly audit: AuditSink;
  readonly meetings: Meetings;
  readonly answer: (session: Session, re: number, result: Result<unknown>) => void;
}

const REFUSED: Result<never, Refusal<AnswerCode>> = refuse(
  'record.refused',
  'it is not signed by this device, or of no checkpoint of the last minutes',
);

/** Tells the people of meetings each checkpoint of the record, and writes down what they sign of it. */
export class Countersigning {
  readonly #options: CountersigningOptions;
  /** The newest last, with those sessions that have signed it. */
  readonly #open: { readonly checkpoint: SignedCheckpoint; readonly by: WeakSet<Session> }[] = [];
  readonly #stop: () => void;

  constructor(options: CountersigningOptions) {
    this.#options = options;
    this.#stop = options.checkpoints.onCheckpoint((checkpoint) => this.#tell(checkpoint));
  }

  get newest(): SignedCheckpoint | undefined {
    return this.#open.at(-1)?.checkpoint;
  }

  close(): void {
    this.#stop();
  }

  /** Once for each checkpoint and session: what is written makes the record longer. */
  async take(session: Session, request: RequestOf<'countersign'>): Promise<void> {
    const { answer, audit } = this.#options;
    const { membership, deviceKey } = session;
    const { statement } = request.countersignature;
    const opened = deviceKey && (await openStatement(COUNTERSIGNATURE, statement, deviceKey));
    const open = opened?.ok === true ? this.#openOf(opened.value.value) : undefined;
    if (membership === undefined || open === undefined || open.by.has(session)) {
      answer(session, request.id, REFUSED);
      return;
    }
    open.by.add(session);
    const { meeting, participant } = membership;
    const written = audit.write({ kind: 'countersigned', meeting, participant, statement });
    answer(session, request.id, written.ok ? ok({}) : written);
  }

  #openOf({ record, count, hash }: Countersigned) {
    return this.#open.find(
      ({ checkpoint }) =>
        checkpoint.record === record && checkpoint.count === count && checkpoint.hash === hash,
    );
  }

  #tell(checkpoint: SignedCheckpoint): void {
    this.#open.push({ checkpoint, by: new WeakSet() });
    if (this.#open.length > MAX_OPEN) this.#open.shift();
    const { meetings } = this.#options;
    for (const id of meetings.ids) meetings.feed(id, { kind: 'checkpoint', checkpoint });
  }
}
