import { Emitter } from '../base/emitter.ts';
import type { ConsumerId, ParticipantId } from '../base/ids.ts';
import type { Source } from '../base/media.ts';

/** What somebody of the verified roster sends, as this client's media stack gives it out. */
export interface Stream<Output> {
  readonly consumer: ConsumerId;
  readonly participant: ParticipantId;
  readonly source: Source;
  readonly output: Output;
}

export type StreamEvent<Output> =
  | { readonly kind: 'added'; readonly stream: Stream<Output> }
  | { readonly kind: 'removed'; readonly stream: Stream<Output> };

/** The streams that can be played now, and the tale of their coming and going. */
export class Streams<Output> {
  readonly #events: Emitter<StreamEvent<Output>>;
  readonly #byConsumer = new Map<ConsumerId, Stream<Output>>();

  constructor(onListenerError: (error: unknown) => void) {
    this.#events = new Emitter(onListenerError);
  }

  /** A new listener first hears of all that is already there. */
  on(listener: (event: StreamEvent<Output>) => void): () => void {
    for (const stream of [...this.#byConsumer.values()]) listener({ kind: 'added', stream });
    return this.#events.on(listener);
  }

  add(stream: Stream<Output>): void {
    this.#byConsumer.set(stream.consumer, stream);
    this.#events.emit({ kind: 'added', stream });
  }

  remove(consumer: ConsumerId): void {
    const stream = this.#byConsumer.get(consumer);
    if (stream === undefined) return;
    this.#byConsumer.delete(consumer);
    this.#events.emit({ kind: 'removed', stream });
  }

  clear(): void {
    for (const consumer of [...this.#byConsumer.keys()]) this.remove(consumer);
  }
}
