import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import { Emitter } from '../../base/emitter.ts';
import { BelfryError } from '../../base/errors.ts';
import { readToPage, type StreamCounts, type ToPage, type ToWorker } from '../../e2ee/transform/messages.ts';

/** The part of a `Worker` that is used. */
export interface TransformWorker {
  postMessage(message: unknown): void;
  terminate(): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'error' | 'messageerror', listener: () => void): void;
}

export type LinkEvent =
  | Extract<ToPage, { readonly kind: 'refused' }>
  | { readonly kind: 'stream-failed'; readonly stream: number; readonly code: string }
  /** Nothing is sealed or opened any more. Once. */
  | { readonly kind: 'worker-failed'; readonly code: string };

/** Loading the worker's file, from this machine or over a slow network. */
const READY_WITHIN_MS = 15_000;
/**
 * A worker that was ended says nothing at all, not even that; one that a busy machine starves looks the same for seconds.
 * Neither lets anything leave, so there is time: 12 s until a person is told, rather than a meeting ended for nothing.
 */
const ANSWER_WITHIN_MS = 3_000;
/** Answers missing in a row. One alone happens when a machine wakes up: the deadline passed while it slept. */
const MAX_SILENT = 4;

type Counts = ReadonlyMap<number, StreamCounts>;

/** The page's end of the sealing worker. */
export class TransformLink {
  readonly #worker: TransformWorker;
  readonly #clock: Clock;
  readonly #events: Emitter<LinkEvent>;
  readonly #ready: Promise<void>;
  readonly #asked = new Map<number, (counts: Counts) => void>();
  #settleReady: () => void = () => {};
  #lastRequest = 0;
  #lastStream = 0;
  #silent = 0;
  #failure: BelfryError | undefined;

  constructor(worker: TransformWorker, clock: Clock, onListenerError: (error: unknown) => void) {
    this.#worker = worker;
    this.#clock = clock;
    this.#events = new Emitter(onListenerError);
    this.#ready = new Promise((resolve) => {
      this.#settleReady = resolve;
    });
    worker.addEventListener('message', ({ data }) => this.#onMessage(data));
    worker.addEventListener('error', () =>
      this.fail('transform.worker-error', 'it threw outside of a stream'),
    );
    worker.addEventListener('messageerror', () => this.fail('transform.message', 'a message was unreadable'));
  }

  onEvent(listener: (event: LinkEvent) => void): () => void {
    return this.#events.on(listener);
  }

  /** A number for a stream of this worker; none is given twice. */
  newStream(): number {
    this.#lastStream += 1;
    return this.#lastStream;
  }

  post(message: ToWorker): void {
    if (this.#failure === undefined) this.#worker.postMessage(message);
  }

  /** Throws what ended the worker, if anything did. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Until transforms may be attached. Rejects with `transform.no-worker`, or with what ended the worker. */
  async untilReady(): Promise<void> {
    try {
      await withDeadline(this.#clock, READY_WITHIN_MS, 'the sealing worker', this.#ready);
    } catch (cause) {
      throw new BelfryError('transform.no-worker', 'the sealing worker did not start', {
        remedy: 'reload the page',
        cause,
      });
    }
    this.check();
  }

  /** What the worker has counted up to now. A worker that does not answer is taken for ended. */
  async count(): Promise<Counts | undefined> {
    if (this.#failure !== undefined) return undefined;
    this.#lastRequest += 1;
    const request = this.#lastRequest;
    const answer = new Promise<Counts>((resolve) => this.#asked.set(request, resolve));
    this.post({ kind: 'count', request });
    try {
      return await withDeadline(this.#clock, ANSWER_WITHIN_MS, 'the sealing worker', answer);
    } catch {
      this.#silent += 1;
      if (this.#silent >= MAX_SILENT) this.fail('transform.worker-silent', 'it answers no more');
      return undefined;
    } finally {
      this.#asked.delete(request);
    }
  }

  /** Ends the worker: with it ends every stream that passes through it. */
  fail(code: string, why: string): void {
    if (this.#failure !== undefined) return;
    const message = `the sealing worker failed: ${why}`;
    this.#failure = new BelfryError(code, message, { remedy: 'reload the page' });
    this.#worker.terminate();
    this.#settleReady();
    this.#events.emit({ kind: 'worker-failed', code });
  }

  #onMessage(data: unknown): void {
    this.#silent = 0;
    const message = readToPage(data);
    if (message === undefined) this.fail('transform.message', 'it sent what is no message');
    else this.#handle(message);
  }

  #handle(message: ToPage): void {
    if (message.kind === 'ready') this.#settleReady();
    else if (message.kind === 'refused') this.#events.emit(message);
    else if (message.kind === 'fault') this.#onFault(message);
    else if (message.request !== undefined) this.#asked.get(message.request)?.(byStream(message.streams));
  }

  #onFault({ stream, code, message }: Extract<ToPage, { readonly kind: 'fault' }>): void {
    if (stream === undefined) this.fail(code, message);
    else this.#events.emit({ kind: 'stream-failed', stream, code });
  }
}

const byStream = (streams: readonly StreamCounts[]): Counts =>
  new Map(streams.map((counts) => [counts.stream, counts]));
