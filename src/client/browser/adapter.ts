import { Device, type types } from 'mediasoup-client';
import type { Clock } from '../../base/clock.ts';
import { Emitter } from '../../base/emitter.ts';
import { BelfryError } from '../../base/errors.ts';
import type { ConsumerId, ProducerId } from '../../base/ids.ts';
import { type Direction, mediaKindOf, type Source, type TransportOffer } from '../../base/media.ts';
import type { DtlsParameters, IceParameters, RtpCapabilities } from '../../base/rtp.ts';
import type { KeyPort } from '../../e2ee/frame-keys.ts';
import type { StreamOptions } from '../../e2ee/transform/stream.ts';
import type { IncomingStream, MediaPort, MediaPortEvent, SendLimits } from '../ports.ts';
import { contentHintOf, type VideoCodec } from '../profiles.ts';
import { findBypassed } from './comparison.ts';
import {
  frameCodecOf,
  fromDtlsParameters,
  fromRtpCapabilities,
  fromRtpParameters,
  toIceParameters,
  toRtpCapabilities,
  toRtpParameters,
} from './convert.ts';
import { remoteKeys } from './key-port.ts';
import { LayerLimit } from './layer-limit.ts';
import { type LinkEvent, TransformLink } from './link.ts';
import { type Attach, outgoingCodec, producerOptions, setDegradation } from './outgoing.ts';
import { type Announce, openTransport, type Receiving, type Sending, type Session } from './session.ts';
import { browserFeatures, judgeSupport } from './support.ts';
import { SealingWatch } from './watch.ts';

/** How often what left is compared with what was sealed: the longest that a bypass could go on unseen at first. */
const WATCH_EVERY_MS = 1_000;
/** Frames that are dropped alone: the next one may be sealed. */
const HARMLESS_REFUSALS: ReadonlySet<string> = new Set(['frame.malformed', 'frame.between-epochs']);

export interface BrowserMediaOptions {
  /** Of `createTransformWorker`, for this meeting alone: it holds its keys. */
  readonly worker: Worker;
  readonly clock: Clock;
  /** `vp8` where absent. */
  readonly videoCodec?: VideoCodec;
  /** Hears what a listener threw. */
  readonly onListenerError: (error: unknown) => void;
}

export interface BrowserMedia {
  readonly media: MediaPort<MediaStreamTrack, MediaStreamTrack>;
  /** Of the worker's key store. */
  readonly frameKeys: KeyPort;
  /** Ends everything, the worker too. */
  close(): void;
}

/**
 * The SDK's media port in browsers, over mediasoup-client, sealed by a worker. Throws what `judgeSupport` refuses where
 * the browser cannot seal: ask it first, to tell people.
 */
export const createBrowserMedia = (options: BrowserMediaOptions): BrowserMedia => {
  const supported = judgeSupport(browserFeatures(globalThis));
  if (!supported.ok) throw BelfryError.from(supported.refusal);
  const { worker, clock, onListenerError } = options;
  const link = new TransformLink(worker, clock, onListenerError);
  const media = new BrowserMediaPort(options, link);
  return { media, frameKeys: remoteKeys(link), close: () => media.close() };
};

class BrowserMediaPort implements MediaPort<MediaStreamTrack, MediaStreamTrack> {
  readonly #options: BrowserMediaOptions;
  readonly #link: TransformLink;
  readonly #events: Emitter<MediaPortEvent>;
  readonly #stopWatching: () => void;
  #session: Session | undefined;
  #isWatching = false;
  #isClosed = false;

  constructor(options: BrowserMediaOptions, link: TransformLink) {
    this.#options = options;
    this.#link = link;
    this.#events = new Emitter(options.onListenerError);
    link.onEvent((event) => this.#onLink(event));
    this.#stopWatching = options.clock.every(WATCH_EVERY_MS, () => void this.#watch());
  }

  async load(router: RtpCapabilities): Promise<RtpCapabilities> {
    this.reset();
    await this.#link.untilReady();
    const device = new Device();
    await device.load({ routerRtpCapabilities: toRtpCapabilities(router) });
    this.#session = { device, transports: new Map(), sending: new Map(), receiving: new Map() };
    return fromRtpCapabilities(device.recvRtpCapabilities);
  }

  async openTransport(
    direction: Direction,
    offer: TransportOffer,
    connect: (dtlsParameters: DtlsParameters) => Promise<void>,
  ): Promise<void> {
    const { transports, device } = this.#loaded();
    if (transports.has(direction)) throw new BelfryError('transport.exists', `${direction} is open already`);
    const transport = openTransport(device, direction, offer);
    transports.set(direction, transport);
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      connect(fromDtlsParameters(dtlsParameters)).then(done, failed);
    });
    transport.on('produce', ({ rtpParameters, appData }, done, failed) => {
      this.#announce(appData.source, rtpParameters).then((id) => done({ id }), failed);
    });
    transport.on('connectionstatechange', (state) => {
      if (state !== 'new' && state !== 'closed')
        this.#events.emit({ kind: 'transport-state', direction, state });
    });
  }

  async restartIce(direction: Direction, iceParameters: IceParameters): Promise<void> {
    await this.#transport(direction).restartIce({ iceParameters: toIceParameters(iceParameters) });
  }

  async produce(
    { source, input }: { readonly source: Source; readonly input: MediaStreamTrack },
    announce: Announce,
  ): Promise<void> {
    const { device, sending } = this.#loaded();
    this.#link.check();
    if (sending.has(source)) throw new BelfryError('media.source-live', `${source} is produced already`);
    input.contentHint = contentHintOf(source);
    const codec = outgoingCodec(source, this.#options.videoCodec ?? 'vp8');
    const stream = this.#link.newStream();
    const attach = this.#attach({ id: stream, direction: 'send', source, codec });
    const options = producerOptions(device, { source, track: input, codec, attach });
    const transport = this.#transport('send');
    const entry: Sending = {
      stream,
      track: input,
      announce,
      watch: new SealingWatch(),
      layers: new LayerLimit(),
      producer: undefined,
    };
    sending.set(source, entry);
    try {
      const producer = await transport.produce(options);
      await setDegradation(source, producer.rtpSender);
      // Stopped, failed or reset meanwhile: nothing may leave.
      if (this.#session?.sending.get(source) === entry) bind(entry, producer);
      else producer.close();
    } catch (error) {
      if (sending.get(source) === entry) this.#drop(sending, source);
      throw error;
    }
  }

  setSending(source: Source, { paused, topLayer }: SendLimits): void {
    const entry = this.#session?.sending.get(source);
    entry?.layers.want(topLayer);
    if (paused) entry?.producer?.pause();
    else entry?.producer?.resume();
  }

  stopProducing(source: Source): void {
    if (this.#session !== undefined) this.#drop(this.#session.sending, source);
  }

  async consume(incoming: IncomingStream): Promise<MediaStreamTrack> {
    const { consumer: id, source, sender, rtpParameters } = incoming;
    const { receiving } = this.#loaded();
    this.#link.check();
    const transport = this.#transport('receive');
    const stream = this.#link.newStream();
    const codec = frameCodecOf(rtpParameters);
    const entry: Receiving = { stream, consumer: undefined };
    receiving.set(id, entry);
    const attach = this.#attach({ id: stream, direction: 'receive', source, codec, ...sender });
    try {
      const consumer = await transport.consume(consumerOptions(incoming, attach));
      // Stopped or reset meanwhile: it is heard no more.
      if (this.#session?.receiving.get(id) === entry) entry.consumer = consumer;
      else consumer.close();
      return consumer.track;
    } catch (error) {
      if (receiving.get(id) === entry) this.stopConsuming(id);
      throw error;
    }
  }

  stopConsuming(consumer: ConsumerId): void {
    const entry = this.#session?.receiving.get(consumer);
    if (entry === undefined) return;
    this.#session?.receiving.delete(consumer);
    entry.consumer?.close();
    this.#link.post({ kind: 'forget-stream', stream: entry.stream });
  }

  reset(): void {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    for (const source of [...session.sending.keys()]) this.#drop(session.sending, source);
    for (const { stream } of session.receiving.values()) this.#link.post({ kind: 'forget-stream', stream });
    for (const transport of session.transports.values()) transport.close();
  }

  onEvent(listener: (event: MediaPortEvent) => void): () => void {
    return this.#events.on(listener);
  }

  close(): void {
    this.reset();
    this.#stopWatching();
    this.#isClosed = true;
    this.#link.fail('transform.closed', 'it was closed');
  }

  /** The worker is ready, so that the transform sees the very first frame. Attached a millisecond later it sees none. */
  #attach(options: StreamOptions): Attach {
    return (to) => {
      to.transform = new RTCRtpScriptTransform(this.#options.worker, options);
    };
  }

  async #announce(source: unknown, rtpParameters: types.RtpParameters): Promise<ProducerId> {
    const entries = [...(this.#session?.sending ?? [])];
    const entry = entries.find(([name]) => name === source)?.[1];
    if (entry === undefined) throw new BelfryError('media.outdated', 'the source was stopped meanwhile');
    return entry.announce(fromRtpParameters(rtpParameters));
  }

  #drop(sending: Map<Source, Sending>, source: Source): void {
    const entry = sending.get(source);
    if (entry === undefined) return;
    sending.delete(source);
    entry.producer?.close();
    this.#link.post({ kind: 'forget-stream', stream: entry.stream });
  }

  /** Stops the track first: whatever becomes of the rest, it gives nothing any more. */
  #failSource(source: Source, code: string): void {
    const sending = this.#session?.sending;
    const entry = sending?.get(source);
    if (sending === undefined || entry === undefined) return;
    entry.track.stop();
    this.#drop(sending, source);
    this.#events.emit({ kind: 'sealing-failed', source, code });
  }

  #onLink(event: LinkEvent): void {
    if (this.#isClosed) return;
    if (event.kind === 'worker-failed') this.#failAll(event.code);
    else this.#onStream(event.stream, event.code, event.kind === 'stream-failed');
  }

  #failAll(code: string): void {
    for (const source of [...(this.#session?.sending.keys() ?? [])]) this.#failSource(source, code);
    this.#events.emit({ kind: 'failed', code });
  }

  #onStream(stream: number, code: string, isOver: boolean): void {
    for (const [source, entry] of this.#session?.sending ?? [])
      if (entry.stream === stream && (isOver || !HARMLESS_REFUSALS.has(code))) this.#failSource(source, code);
    for (const [consumer, entry] of this.#session?.receiving ?? [])
      if (entry.stream === stream) this.#events.emit({ kind: 'frame-refused', consumer, code });
  }

  /** One round at a time: a slow one must not meet the next. */
  async #watch(): Promise<void> {
    if (this.#isWatching) return;
    this.#isWatching = true;
    try {
      for (const [source, entry] of await findBypassed(this.#link, [...(this.#session?.sending ?? [])]))
        if (this.#session?.sending.get(source) === entry) this.#failSource(source, 'sealing.bypassed');
    } finally {
      this.#isWatching = false;
    }
  }

  #loaded(): Session {
    if (this.#session === undefined) throw new BelfryError('media.not-loaded', 'load comes first');
    return this.#session;
  }

  #transport(direction: Direction): types.Transport {
    const transport = this.#loaded().transports.get(direction);
    if (transport === undefined)
      throw new BelfryError('media.no-transport', `no ${direction} transport is open`);
    return transport;
  }
}

const bind = (entry: Sending, producer: types.Producer): void => {
  entry.producer = producer;
  if (producer.kind === 'video') entry.layers.bind(producer);
};

const consumerOptions = (
  { consumer: id, source, rtpParameters }: IncomingStream,
  onRtpReceiver: Attach,
): types.ConsumerOptions => ({
  id,
  // Nothing here needs the producer's own id, and receivers are not told it.
  producerId: id,
  kind: mediaKindOf(source),
  rtpParameters: toRtpParameters(rtpParameters),
  onRtpReceiver,
});
