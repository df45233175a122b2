import type { Refusal, Result } from '../../base/result.ts';
import type { RequestKind } from '../../signaling/protocol/messages.ts';

/**
 * Requests in flight at once: a join among 500 people resumes about 1,000 streams in one go. More would only wait at the
 * server, which takes as many of one session.
 */
export const MAX_PENDING_REQUESTS = 1_024;

export interface PendingRequest {
  readonly id: number;
  readonly kind: RequestKind;
  /** The request as JSON but for the acknowledgement, which is added when it is sent. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly settle: (outcome: Result<unknown>) => void;
  /** Waits for the answer as long as it takes. */
  readonly waitOn: () => void;
}

/** What was asked and not yet answered, in the order of asking. Each is settled exactly once. */
export class PendingRequests {
  readonly #byId = new Map<number, PendingRequest>();

  get isFull(): boolean {
    return this.#byId.size >= MAX_PENDING_REQUESTS;
  }

  add(request: PendingRequest): void {
    this.#byId.set(request.id, request);
  }

  /** Takes out the request that `id` names; `undefined` where none waits under it. */
  take(id: number): PendingRequest | undefined {
    const request = this.#byId.get(id);
    this.#byId.delete(id);
    return request;
  }

  waitOn(kind: RequestKind): void {
    for (const request of this.#byId.values()) if (request.kind === kind) request.waitOn();
  }

  inOrder(): readonly PendingRequest[] {
    return [...this.#byId.values()];
  }

  refuseAll(refusal: Refusal): void {
    const requests = this.inOrder();
    this.#byId.clear();
    for (const request of requests) request.settle({ ok: false, refusal });
  }
}
