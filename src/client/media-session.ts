import type { Clock } from '../base/clock.ts';
import { withDeadline } from '../base/deadline.ts';
import { BelfryError } from '../base/errors.ts';
import type { ConsumerId, ProducerId, TransportId } from '../base/ids.ts';
import type { Direction, Source } from '../base/media.ts';
import { ok, type Result } from '../base/result.ts';
import type { DtlsParameters, RtpCapabilities, RtpParameters } from '../base/rtp.ts';
import type { ReplyOf, RequestKind } from '../signaling/protocol/messages.ts';
import type { RequestFields } from './connection/connection.ts';
import { judgeOffer } from './offer.ts';
import { allOrThrow, valueOrThrow } from './outcome.ts';
import { type IncomingStream, type MediaPort, TOP_LAYER } from './ports.ts';

/** The longest that the media stack may take for one call, DTLS and ICE included: longer is a hung stack. */
const MEDIA_WITHIN_MS = 20_000;

/** Asks the server: `Connection.request`. */
export type Ask = <Kind extends RequestKind>(
  kind: Kind,
  fields: RequestFields<Kind>,
) => Promise<Result<ReplyOf<Kind>>>;

interface Wanted<Input> {
  readonly input: Input;
  readonly paused: boolean;
}

interface Live<Input> extends Wanted<Input> {
  readonly producer: ProducerId;
  /** The highest spatial layer that the relay has a receiver for. */
  readonly topLayer: number;
}

/**
 * What this client sends and receives: what is wanted outlives rebuilds, what is live is made to follow it. The methods
 * that answer a promise throw on refusal and are called one at a time (`Operations`).
 */
export class MediaSession<Input, Output> {
  readonly #port: MediaPort<Input, Output>;
  readonly #ask: Ask;
  readonly #clock: Clock;
  readonly #wanted = new Map<Source, Wanted<Input>>();
  readonly #live = new Map<Source, Live<Input>>();
  readonly #transports = new Map<Direction, TransportId>();
  #isBuilt = false;

  constructor(port: MediaPort<Input, Output>, ask: Ask, clock: Clock) {
    this.#port = port;
    this.#ask = ask;
    this.#clock = clock;
  }

  want(source: Source, input: Input, paused: boolean): void {
    this.#wanted.set(source, { input, paused });
  }

  wantPaused(source: Source, paused: boolean): void {
    const wanted = this.#wanted.get(source);
    if (wanted !== undefined) this.#wanted.set(source, { ...wanted, paused });
  }

  unwant(source: Source): void {
    this.#wanted.delete(source);
  }

  /** Made of `input`, where it is given. */
  isWanted(source: Source, input?: Input): boolean {
    const wanted = this.#wanted.get(source);
    return wanted !== undefined && (input === undefined || wanted.input === input);
  }

  /** Drops all media on this side at once. */
  reset(): void {
    this.#isBuilt = false;
    this.#live.clear();
    this.#transports.clear();
    this.#port.reset();
  }

  /** After `reset`: both transports, then what others send, then all that is wanted, in fresh sealing contexts. */
  async build(router: RtpCapabilities): Promise<void> {
    const rtpCapabilities = await this.#bounded('load', this.#port.load(router));
    await allOrThrow([this.#openTransport('send'), this.#openTransport('receive')]);
    const transport = this.#transport('receive');
    valueOrThrow(await this.#ask('receive', { transport, rtpCapabilities }));
    this.#isBuilt = true;
    for (const source of this.#wanted.keys()) await this.reconcile(source);
  }

  /** Makes what is live of `source` follow what is wanted; before the media is built that is left to `build`. */
  async reconcile(source: Source): Promise<void> {
    if (!this.#isBuilt) return;
    const wanted = this.#wanted.get(source);
    if (this.#live.get(source)?.input !== wanted?.input) await this.#stop(source);
    if (wanted === undefined) return;
    if (!this.#live.has(source)) await this.#start(source, wanted);
    if (this.#live.get(source)?.paused !== wanted.paused) await this.#setPaused(source, wanted.paused);
  }

  async restartIce(direction: Direction): Promise<void> {
    const transport = this.#transport(direction);
    const { iceParameters } = valueOrThrow(await this.#ask('restart-ice', { transport }));
    await this.#bounded('restarting ICE', this.#port.restartIce(direction, iceParameters));
  }

  /** Takes a stream in, which flows once it is resumed. */
  consume(stream: IncomingStream): Promise<Output> {
    const taken = this.#port.consume(stream);
    const onLate = () => this.#port.stopConsuming(stream.consumer);
    return withDeadline(this.#clock, MEDIA_WITHIN_MS, 'consuming', taken, onLate);
  }

  /** Any number at once: this is no business of the media stack, and a join brings many. */
  async resume(consumer: ConsumerId): Promise<Result<void>> {
    const resumed = await this.#ask('resume-consumer', { consumer });
    return resumed.ok ? ok(undefined) : resumed;
  }

  stopConsuming(consumer: ConsumerId): void {
    this.#port.stopConsuming(consumer);
  }

  /** The relay closed this producer: which source it was, or `undefined` where it is none of those that are live. */
  dropProducer(producer: ProducerId): Source | undefined {
    for (const [source, live] of this.#live) {
      if (live.producer !== producer) continue;
      this.#port.stopProducing(source);
      this.#live.delete(source);
      return source;
    }
    return undefined;
  }

  /** The relay's word on a live producer's layers. It may cost receivers sharpness, never privacy. */
  limitLayers(producer: ProducerId, topLayer: number): void {
    for (const [source, live] of this.#live) {
      if (live.producer !== producer) continue;
      this.#live.set(source, { ...live, topLayer });
      // A pause that the relay has not answered yet holds already.
      const paused = live.paused || this.#wanted.get(source)?.paused === true;
      this.#port.setSending(source, { paused, topLayer });
    }
  }

  #transport(direction: Direction): TransportId {
    const transport = this.#transports.get(direction);
    if (transport === undefined)
      throw new BelfryError('media.no-transport', `there is no ${direction} transport`);
    return transport;
  }

  async #openTransport(direction: Direction): Promise<void> {
    const offer = valueOrThrow(judgeOffer(valueOrThrow(await this.#ask('create-transport', { direction }))));
    const { transport } = offer;
    this.#transports.set(direction, transport);
    const connect = async (dtlsParameters: DtlsParameters) => {
      valueOrThrow(await this.#ask('connect-transport', { transport, dtlsParameters }));
    };
    await this.#bounded('opening a transport', this.#port.openTransport(direction, offer, connect));
  }

  async #start(source: Source, { input, paused }: Wanted<Input>): Promise<void> {
    const announce = async (rtpParameters: RtpParameters) => {
      const producer = await this.#announce(source, rtpParameters, paused);
      this.#live.set(source, { input, paused, producer, topLayer: TOP_LAYER });
      return producer;
    };
    try {
      await this.#bounded('producing', this.#port.produce({ source, input }, announce));
    } catch (thrown) {
      await this.#abandon(source);
      throw thrown;
    }
    if (paused) this.#port.setSending(source, { paused, topLayer: TOP_LAYER });
  }

  /** Half made: whichever side knows of it forgets it. What the server says to that changes nothing any more. */
  async #abandon(source: Source): Promise<void> {
    const live = this.#live.get(source);
    this.#port.stopProducing(source);
    this.#live.delete(source);
    if (live !== undefined) await this.#ask('close-producer', { producer: live.producer });
  }

  async #announce(source: Source, rtpParameters: RtpParameters, paused: boolean): Promise<ProducerId> {
    const transport = this.#transport('send');
    return valueOrThrow(await this.#ask('produce', { transport, source, rtpParameters, paused })).producer;
  }

  async #stop(source: Source): Promise<void> {
    const live = this.#live.get(source);
    if (live === undefined) return;
    this.#port.stopProducing(source);
    this.#live.delete(source);
    valueOrThrow(await this.#ask('close-producer', { producer: live.producer }));
  }

  /** Nothing leaves while the relay takes it for paused: paused here first, and resumed there first. */
  async #setPaused(source: Source, paused: boolean): Promise<void> {
    const live = this.#live.get(source);
    if (live === undefined) return;
    const { producer } = live;
    if (paused) this.#port.setSending(source, { paused, topLayer: live.topLayer });
    valueOrThrow(await this.#ask(paused ? 'pause-producer' : 'resume-producer', { producer }));
    // What is needed may have changed while the relay was asked.
    const { topLayer } = this.#live.get(source) ?? live;
    this.#live.set(source, { ...live, paused, topLayer });
    if (!paused) this.#port.setSending(source, { paused, topLayer });
  }

  #bounded<T>(what: string, work: Promise<T>): Promise<T> {
    return withDeadline(this.#clock, MEDIA_WITHIN_MS, what, work);
  }
}
