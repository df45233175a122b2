import { type Bytes, toBase64Url } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { Emitter } from '../../base/emitter.ts';
import { BelfryError, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { OrderKind } from '../../trust/acts/act.ts';
import type { SignedCheckpoint } from '../../trust/record/checkpoint.ts';
import { emptyHead, type Head, type Sha256 } from './chain.ts';
import type { AuditEntry } from './entry.ts';
import type { Content, Opening } from './schema.ts';
import { checkpointOf, writeLine } from './writer.ts';

/** Unsigned lines that whoever takes the machine over could still rewrite; a signature costs a tenth of a millisecond. */
const CHECKPOINT_EVERY_LINES = 256;
const CHECKPOINT_EVERY_MS = 60_000;

/** Where lines go. */
export interface AuditMedium {
  /** All of `text` or nothing; throws where it cannot be written. */
  append(text: string): void;
  /** Holds room for what must be written, from now on or still; `false` where there is none. */
  holdReserve(): boolean;
  releaseReserve(): void;
  close(): void;
}

export interface AuditRecordOptions {
  readonly medium: AuditMedium;
  readonly sha256: Sha256;
  /** Ed25519 by the key that `opening` names. */
  readonly sign: (text: Bytes) => Bytes;
  readonly opening: Opening;
  readonly clock: Pick<Clock, 'unixMs' | 'every'>;
  readonly logger: Logger;
}

const MUST_BE_WRITTEN: ReadonlySet<Content['kind']> = new Set([
  'participant-left',
  'meeting-ended',
  'stopped',
  'checkpoint',
]);
const REMOVALS: ReadonlySet<OrderKind | 'unreadable'> = new Set(['remove', 'turn-away', 'end']);

/**
 * What is written also where there is no room for more: the reserve is for these. Each takes out one who is in or waits, and nobody
 * comes in. Everything else lets somebody in or gives somebody more, and is refused where it cannot be recorded.
 */
const mustBeWritten = (content: Content): boolean => {
  if (content.kind === 'act') return content.allowed && REMOVALS.has(content.order);
  if (content.kind === 'decision') return content.asked === 'stay';
  return MUST_BE_WRITTEN.has(content.kind);
};

const UNWRITABLE = refuse('audit.unwritable', 'the record cannot be written');

/** The chain of what was decided. An entry is in the file when `write` returns, before its effect can be seen. */
export class AuditRecord {
  readonly #options: AuditRecordOptions;
  readonly #stopTimer: () => void;
  #head: Head = emptyHead();
  readonly #checkpoints: Emitter<SignedCheckpoint>;
  #unsigned = 0;
  #isFull = false;

  /** Throws `audit.unwritable` where not even the opening can be written. */
  constructor(options: AuditRecordOptions) {
    this.#options = options;
    this.#checkpoints = new Emitter((error) =>
      options.logger.error('audit.listener-failed', { message: messageOf(error) }),
    );
    if (!this.#append(options.opening)) throw BelfryError.from(UNWRITABLE.refusal);
    this.#stopTimer = options.clock.every(CHECKPOINT_EVERY_MS, () => {
      if (this.#unsigned > 0) this.checkpoint();
    });
  }

  /** Whether somebody new may enter as far as the record goes. */
  get isWritable(): boolean {
    return !this.#isFull;
  }

  write(entry: AuditEntry): Result<undefined> {
    if (!this.#append(entry)) return UNWRITABLE;
    if (entry.kind === 'meeting-ended' || this.#unsigned >= CHECKPOINT_EVERY_LINES) this.checkpoint();
    return ok(undefined);
  }

  /** Hears of each checkpoint, once it is in the file. */
  onCheckpoint(listener: (checkpoint: SignedCheckpoint) => void): () => void {
    return this.#checkpoints.on(listener);
  }

  /** Signs all that was written so far. `undefined` where it could not be written. */
  checkpoint(): SignedCheckpoint | undefined {
    const { sign, opening } = this.#options;
    const { count, hash } = this.#head;
    const content = checkpointOf(sign, opening.record, this.#head);
    if (!this.#append(content)) return undefined;
    this.#unsigned = 0;
    const { record, publicKey } = opening;
    const signed = { record, count, hash: toBase64Url(hash), publicKey, signature: content.signature };
    this.#checkpoints.emit(signed);
    return signed;
  }

  /** The last lines, and the end of it. */
  close(): void {
    this.#stopTimer();
    this.#append({ kind: 'stopped' });
    this.checkpoint();
    this.#options.medium.close();
  }

  #append(content: Content): boolean {
    const { sha256, clock } = this.#options;
    const { head, text } = writeLine(sha256, this.#head, content, clock.unixMs());
    const isWritten = mustBeWritten(content) ? this.#appendAtAnyCost(text) : this.#appendWithRoom(text);
    if (!isWritten) return false;
    this.#head = head;
    this.#unsigned += 1;
    return true;
  }

  /** Only while the reserve is held: what it is kept for must not be used up by those who enter. */
  #appendWithRoom(text: string): boolean {
    const hasRoom = this.#options.medium.holdReserve() && this.#tryToAppend(text);
    this.#noteFull(!hasRoom);
    return hasRoom;
  }

  #appendAtAnyCost(text: string): boolean {
    if (this.#tryToAppend(text)) return true;
    this.#options.medium.releaseReserve();
    return this.#tryToAppend(text);
  }

  #tryToAppend(text: string): boolean {
    try {
      this.#options.medium.append(text);
      return true;
    } catch {
      return false;
    }
  }

  #noteFull(isFull: boolean): void {
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    const { logger } = this.#options;
    if (isFull)
      logger.error('audit.unwritable', {
        remedy: 'make room where the record is kept: nobody new enters until then',
      });
    else logger.info('audit.writable', {});
  }
}
