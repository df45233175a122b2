import type { Clock } from '../../base/clock.ts';
import { BelfryError, messageOf } from '../../base/errors.ts';
import type { Result } from '../../base/result.ts';
import type { AsyncFrameKeys } from '../frame-keys.ts';
import { Incoming } from './incoming.ts';
import { readToWorker, shortText, type ToPage, type ToWorker } from './messages.ts';
import { Outgoing } from './outgoing.ts';
import { type FrameTransform, readStreamOptions, type StreamOptions } from './stream.ts';
import { Tally } from './tally.ts';

/** How often the worker reports by itself. */
const REPORT_EVERY_MS = 1_000;
/** Two directions of four sources for the largest roster of the protocol; more is a page that forgets nothing. */
const MAX_STREAMS = 16_384;

export interface DeskOptions {
  readonly keys: AsyncFrameKeys;
  readonly clock: Pick<Clock, 'nowMs' | 'every'>;
  readonly post: (message: ToPage) => void;
}

interface Attached {
  readonly tally: Tally;
  readonly incoming: Incoming | undefined;
}

type Handlers = {
  readonly [Kind in ToWorker['kind']]: (message: Extract<ToWorker, { readonly kind: Kind }>) => void;
};

/** The worker without its DOM: keys, streams, and what the page is told of them. */
export class TransformDesk {
  readonly #options: DeskOptions;
  readonly #streams = new Map<number, Attached>();
  readonly #handlers: Handlers = {
    'own-key': ({ number, baseKey }) => this.#expect(this.#options.keys.useOwnKey(number, baseKey)),
    'add-sender': ({ number, baseKey }) => this.#addSender(number, baseKey),
    'remove-sender': ({ number }) => this.#options.keys.removeSender(number),
    'open-under': (message) => this.#openUnder(message),
    'seal-under': ({ epoch, ownLeaf }) => this.#options.keys.sealUnder(epoch, ownLeaf),
    'stop-sealing': () => this.#options.keys.stopSealing(),
    'forget-epoch': ({ epoch }) => this.#options.keys.forget(epoch),
    'forget-stream': ({ stream }) => {
      this.#streams.delete(stream);
    },
    count: ({ request }) => this.#postCounts(request),
  };

  constructor(options: DeskOptions) {
    this.#options = options;
    options.clock.every(REPORT_EVERY_MS, () => this.#report());
  }

  /** Once the page may attach transforms. */
  start(): void {
    this.#options.post({ kind: 'ready' });
  }

  /** Whatever the page posted. What cannot be done is told as a fault of the whole worker: its keys are in doubt. */
  onMessage(data: unknown): void {
    try {
      this.#handle(data);
    } catch (error) {
      this.#postFault(undefined, error);
    }
  }

  /**
   * The transform for one stream, by the options that the page attached it with. Throws `transform.options` and
   * `transform.too-many`; what has no transform lets nothing through.
   */
  attach(given: unknown, requestKeyFrame: () => void): { id: number; transform: FrameTransform } {
    const options = readStreamOptions(given);
    if (options === undefined) throw new BelfryError('transform.options', 'no options of a stream');
    if (this.#streams.size >= MAX_STREAMS || this.#streams.has(options.id))
      throw new BelfryError('transform.too-many', 'too many streams, or one that is attached already');
    return { id: options.id, transform: this.#makeTransform(options, requestKeyFrame) };
  }

  /** A stream's pipe ended with `error`: nothing of it leaves any more. */
  pipeFailed(id: number | undefined, error: unknown): void {
    if (id === undefined || this.#streams.has(id)) this.#postFault(id, error);
  }

  #makeTransform(options: StreamOptions, requestKeyFrame: () => void): FrameTransform {
    const { keys, clock, post } = this.#options;
    const tally = new Tally(options.id, (code) => post({ kind: 'refused', stream: options.id, code }));
    if (options.direction === 'send') {
      this.#streams.set(options.id, { tally, incoming: undefined });
      const outgoing = new Outgoing(keys, options, tally);
      return (frame) => outgoing.transform(frame);
    }
    const incoming = new Incoming({ keys, options, tally, nowMs: () => clock.nowMs(), requestKeyFrame });
    this.#streams.set(options.id, { tally, incoming });
    return (frame) => incoming.transform(frame);
  }

  #handle(data: unknown): void {
    const message = readToWorker(data);
    if (message === undefined) throw new BelfryError('transform.message', 'not a message of this protocol');
    // Sound: the table holds for each kind the handler of that kind; the type checker cannot follow the index.
    const handler = this.#handlers[message.kind] as (message: ToWorker) => void;
    handler(message);
  }

  #addSender(number: number, baseKey: Uint8Array): void {
    this.#expect(this.#options.keys.addSender(number, baseKey));
    for (const { incoming } of this.#streams.values()) incoming?.keyArrived({ number });
  }

  #openUnder({ epoch, baseKey, leaves }: Extract<ToWorker, { kind: 'open-under' }>): void {
    this.#options.keys.openUnder(epoch, baseKey, leaves);
    baseKey.fill(0);
    const people = new Set(leaves.values());
    for (const { incoming } of this.#streams.values())
      for (const participant of people) incoming?.keyArrived({ participant });
  }

  /** The page asks the same of its own copy of the books first: a refusal here means that the two have parted. */
  #expect(result: Result<undefined>): void {
    if (!result.ok) throw BelfryError.from(result.refusal);
  }

  #report(): void {
    for (const { tally } of this.#streams.values()) tally.report();
    this.#postCounts(undefined);
  }

  #postCounts(request: number | undefined): void {
    const streams = [...this.#streams.values()].map(({ tally }) => tally.counts());
    this.#options.post({ kind: 'counts', request, streams });
  }

  #postFault(stream: number | undefined, error: unknown): void {
    const code = error instanceof BelfryError ? error.code : 'transform.failed';
    this.#options.post({ kind: 'fault', stream, code, message: shortText(messageOf(error)) });
  }
}
