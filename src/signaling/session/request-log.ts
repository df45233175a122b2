import type { Bytes } from '../../base/bytes.ts';

export interface RequestLogLimits {
  readonly maxPendingRequests: number;
  readonly maxKeptReplies: number;
  readonly maxKeptReplyBytes: number;
}

/**
 * `new`: execute it. `pending`: it is at work, its reply will come. `answered`: send `reply` again. `stale`: below an
 * id already used and no longer known. `full`: too many are at work.
 */
export type Admission =
  | { readonly kind: 'new' | 'pending' | 'stale' | 'full' }
  | { readonly kind: 'answered'; readonly reply: Bytes };

/** Which requests of a session were seen, so that none is executed twice. No I/O. */
export class RequestLog {
  readonly #limits: RequestLogLimits;
  readonly #pending = new Set<number>();
  /** By id, the oldest answer first. */
  readonly #replies = new Map<number, Bytes>();
  #keptBytes = 0;
  #lastId = 0;

  constructor(limits: RequestLogLimits) {
    this.#limits = limits;
  }

  admit(id: number): Admission {
    const reply = this.#replies.get(id);
    if (reply !== undefined) return { kind: 'answered', reply };
    if (this.#pending.has(id)) return { kind: 'pending' };
    if (id <= this.#lastId) return { kind: 'stale' };
    if (this.#pending.size >= this.#limits.maxPendingRequests) return { kind: 'full' };
    this.#lastId = id;
    this.#pending.add(id);
    return { kind: 'new' };
  }

  isPending(id: number): boolean {
    return this.#pending.has(id);
  }

  /** Keeps the reply of a pending request. */
  settle(id: number, reply: Bytes): void {
    if (!this.#pending.delete(id)) return;
    this.#replies.set(id, reply);
    this.#keptBytes += reply.length;
    this.#forgetOldest();
  }

  #forgetOldest(): void {
    const { maxKeptReplies, maxKeptReplyBytes } = this.#limits;
    for (const [id, reply] of this.#replies) {
      if (this.#replies.size <= maxKeptReplies && this.#keptBytes <= maxKeptReplyBytes) return;
      this.#replies.delete(id);
      this.#keptBytes -= reply.length;
    }
  }
}
