import type { ProducerId } from '../base/ids.ts';
import type { Source } from '../base/media.ts';
import { type Refusal, type Result, refuse } from '../base/result.ts';
import type { ServerEvent } from '../signaling/protocol/messages.ts';
import type { MediaSession } from './media-session.ts';
import type { Operations } from './operations.ts';
import type { StoreEvent } from './store/reduce.ts';

type RemovedWhy = Extract<ServerEvent, { kind: 'producer-removed' }>['why'];

export interface OutgoingOptions<Input, Output> {
  readonly media: MediaSession<Input, Output>;
  readonly operations: Operations;
  readonly isClosed: () => boolean;
  readonly dispatch: (event: StoreEvent) => void;
}

/**
 * What this client sends: each source as it is wanted, until it is stopped here, by the relay's witness, or because it could
 * not be sealed.
 */
export class Outgoing<Input, Output> {
  readonly #options: OutgoingOptions<Input, Output>;

  constructor(options: OutgoingOptions<Input, Output>) {
    this.#options = options;
  }

  async produce(source: Source, input: Input, paused: boolean): Promise<Result<void>> {
    const { media, isClosed, dispatch } = this.#options;
    if (isClosed()) return CLOSED;
    media.want(source, input, paused);
    dispatch({ kind: 'own', source, paused });
    const outcome = await this.#reconcile(source);
    if (!media.isWanted(source, input)) return STOPPED;
    if (!outcome.ok) this.#forget(source);
    return outcome;
  }

  async stop(source: Source): Promise<Result<void>> {
    if (this.#options.isClosed()) return CLOSED;
    this.#forget(source);
    return this.#reconcile(source);
  }

  async setPaused(source: Source, paused: boolean): Promise<Result<void>> {
    const { media, dispatch } = this.#options;
    if (!media.isWanted(source)) return refuse('source.off', 'this source is not on');
    media.wantPaused(source, paused);
    dispatch({ kind: 'own', source, paused });
    return this.#reconcile(source);
  }

  limitLayers(producer: ProducerId, topLayer: number): void {
    this.#options.media.limitLayers(producer, topLayer);
  }

  /** The relay closed a producer: it is made again where it is still wanted, unless the relay's witness found fault with it. */
  removed(producer: ProducerId, why: RemovedWhy): void {
    const source = this.#options.media.dropProducer(producer);
    if (source === undefined) return;
    const problem = SEEN_BY_RELAY.get(why);
    if (problem === undefined) this.#follow(source);
    else this.#stopFor(source, problem);
  }

  sealingFailed(source: Source, code: string): void {
    this.#stopFor(source, { code, message: 'a source was stopped because it could not be sealed' });
  }

  #stopFor(source: Source, problem: Refusal): void {
    this.#forget(source);
    this.#problem(problem);
    this.#follow(source);
  }

  #forget(source: Source): void {
    this.#options.media.unwant(source);
    this.#options.dispatch({ kind: 'own-stopped', source });
  }

  #follow(source: Source): void {
    void this.#reconcile(source).then((outcome) => {
      if (!outcome.ok) this.#problem(outcome.refusal);
    });
  }

  #reconcile(source: Source): Promise<Result<void>> {
    const { media, operations } = this.#options;
    return operations.runLasting(() => media.reconcile(source));
  }

  #problem(problem: Refusal): void {
    this.#options.dispatch({ kind: 'problem', problem });
  }
}

/** What the relay's witness found wrong with a source of ours. */
const SEEN_BY_RELAY: ReadonlyMap<RemovedWhy, Refusal> = new Map([
  ['in-clear', { code: 'media.seen-in-clear', message: 'the relay stopped a source that it could read' }],
  [
    'wrong-sender',
    {
      code: 'media.wrong-sender',
      message: 'the relay stopped a source that did not carry this device’s number',
    },
  ],
]);

const STOPPED = refuse('source.stopped', 'the source was stopped or replaced meanwhile');
export const CLOSED = refuse('meeting.closed', 'this meeting is closed for this client');
