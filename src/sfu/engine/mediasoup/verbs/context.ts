import { refuse } from '../../../../base/result.ts';
import type { EngineEvent, EngineVerb, EngineVerbKind } from '../../port.ts';
import type { WorkerPool } from '../pool.ts';
import type { Registry } from '../registry.ts';
import type { Attempt, Outcome } from '../verb-queue.ts';

/** What handlers of verbs work on. */
export interface Context {
  readonly registry: Registry;
  readonly pool: WorkerPool;
  readonly emit: (event: EngineEvent) => void;
}

export type VerbOf<K extends EngineVerbKind> = Extract<EngineVerb, { readonly kind: K }>;

/** Does one kind of verb. May reject with what mediasoup throws; undoes what it made where its attempt became late. */
export type Handler<K extends EngineVerbKind> = (
  context: Context,
  verb: VerbOf<K>,
  attempt: Attempt,
) => Promise<Outcome>;

export const DONE: Outcome = { ok: true, value: { kind: 'done' } };

export const unknown = (what: string): Outcome => refuse('media.unknown', `there is no such ${what}`);
export const inUse = (what: string): Outcome => refuse('media.refused', `this ${what} exists already`);
export const tooLate = (): Outcome => refuse('media.unavailable', 'the media engine did not answer in time');

interface Closable {
  readonly closed: boolean;
  close(): void;
}

/**
 * Whether something was made in vain: nobody waits for it any more, or its worker or one of its `owners` ended while it
 * was made. It is closed then.
 */
export function isInVain(attempt: Attempt, made: Closable, ...owners: readonly Closable[]): boolean {
  if (!attempt.late && !made.closed && !owners.some(({ closed }) => closed)) return false;
  made.close();
  return true;
}
