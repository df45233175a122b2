import type { ConsumerId, ParticipantId } from '../base/ids.ts';
import type { Source } from '../base/media.ts';
import { ok, type Refusal, type Result } from '../base/result.ts';
import type { ServerEvent } from '../signaling/protocol/messages.ts';
import type { MediaSession } from './media-session.ts';
import type { Operations } from './operations.ts';
import type { IncomingStream } from './ports.ts';
import type { Roster } from './roster.ts';
import type { StoreEvent } from './store/reduce.ts';
import type { MeetingState, VerifiedParticipant } from './store/state.ts';
import { type StreamEvent, Streams } from './streams.ts';

type ConsumerAdded = Extract<ServerEvent, { kind: 'consumer-added' }>;

export interface IncomingOptions<Input, Output> {
  readonly roster: Roster;
  /** Whether the meeting lets this person send this. */
  readonly mayShow: (sender: VerifiedParticipant, source: Source) => boolean;
  readonly media: MediaSession<Input, Output>;
  readonly operations: Operations;
  readonly state: () => MeetingState;
  readonly dispatch: (event: StoreEvent) => void;
  readonly onListenerError: (error: unknown) => void;
}

/** What others send: taken only of the verified roster, under the sender number that was verified. */
export class Incoming<Input, Output> {
  readonly #options: IncomingOptions<Input, Output>;
  readonly #streams: Streams<Output>;

  constructor(options: IncomingOptions<Input, Output>) {
    this.#options = options;
    this.#streams = new Streams(options.onListenerError);
  }

  on(listener: (event: StreamEvent<Output>) => void): () => void {
    return this.#streams.on(listener);
  }

  /** A consumer of anybody else stays paused at the relay, as it was made: it is counted, and nothing more. */
  async add(event: ConsumerAdded): Promise<void> {
    const { consumer, participant, source, rtpParameters, producerPaused } = event;
    const sender = this.#options.roster.find(participant);
    if (sender === undefined || this.#isKnown(consumer) || !this.#options.mayShow(sender, source)) {
      this.#options.dispatch({ kind: 'stream-refused' });
      return;
    }
    const stream = { consumer, participant, source, paused: producerPaused, layers: undefined };
    this.#options.dispatch({ kind: 'stream-added', stream });
    const incoming = { consumer, source, senderNumber: sender.number, rtpParameters };
    const taken = await this.#options.operations.run(() => this.#consume(participant, incoming));
    this.#onTaken(consumer, taken.ok ? await this.#resume(consumer) : taken);
  }

  remove(consumer: ConsumerId): void {
    if (!this.#isKnown(consumer)) return;
    this.#options.dispatch({ kind: 'stream-removed', consumer });
    this.#streams.remove(consumer);
    void this.#options.operations.run(async () => this.#options.media.stopConsuming(consumer));
  }

  /** What somebody may send no longer. */
  removeWhere(isOver: (participant: ParticipantId, source: Source) => boolean): void {
    for (const { consumer, participant, source } of this.#options.state().streams.values())
      if (isOver(participant, source)) this.remove(consumer);
  }

  removeAllOf(participant: ParticipantId): void {
    for (const stream of this.#options.state().streams.values())
      if (stream.participant === participant) this.remove(stream.consumer);
  }

  /** All media is gone at once. */
  clear(): void {
    this.#options.dispatch({ kind: 'streams-cleared' });
    this.#streams.clear();
  }

  async #consume(participant: ParticipantId, incoming: IncomingStream): Promise<void> {
    const { consumer, source } = incoming;
    if (!this.#isKnown(consumer)) return;
    const output = await this.#options.media.consume(incoming);
    if (this.#isKnown(consumer)) this.#streams.add({ consumer, participant, source, output });
    else this.#options.media.stopConsuming(consumer);
  }

  /** After it was given out: whoever plays it misses no frame, not even the first key frame. */
  async #resume(consumer: ConsumerId): Promise<Result<void>> {
    return this.#isKnown(consumer) ? await this.#options.media.resume(consumer) : ok(undefined);
  }

  #onTaken(consumer: ConsumerId, outcome: Result<void>): void {
    if (outcome.ok || isOutdated(outcome.refusal) || !this.#isKnown(consumer)) return;
    this.remove(consumer);
    this.#options.dispatch({ kind: 'problem', problem: outcome.refusal });
  }

  #isKnown(consumer: ConsumerId): boolean {
    return this.#options.state().streams.has(consumer);
  }
}

const isOutdated = ({ code }: Refusal): boolean => code === 'media.outdated' || code === 'session.lost';
