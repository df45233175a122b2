import type { RTCCertificate, RtpPacket } from 'werift';
import type { Clock, RandomBytes } from '../../base/clock.ts';
import { Emitter } from '../../base/emitter.ts';
import { BelfryError, messageOf } from '../../base/errors.ts';
import type { ConsumerId, ProducerId } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import type { Direction, Source, TransportOffer } from '../../base/media.ts';
import type { DtlsParameters, IceParameters, RtpCapabilities, RtpParameters } from '../../base/rtp.ts';
import type { FrameKeys } from '../../e2ee/frame-keys.ts';
import type { IncomingStream, MediaPort, MediaPortEvent, SendLimits } from '../ports.ts';
import { createCertificate } from './hop/certificate.ts';
import { Hop } from './hop/hop.ts';
import type { Platform } from './hop/path.ts';
import type { EncodedInput, ReceivedStream } from './media.ts';
import { receivable, withoutEstimation } from './negotiate/capabilities.ts';
import { newSsrc, randomName } from './random.ts';
import { Incoming } from './receive/incoming.ts';
import { Receiver } from './receive/receiver.ts';
import { type Prepared, prepareOutgoing } from './send/create-outgoing.ts';
import { HeaderWriter } from './send/header.ts';
import type { PacketSink } from './send/send-stream.ts';
import { Sender } from './send/sender.ts';

export interface WeriftMediaOptions {
  readonly frameKeys: FrameKeys;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly randomBytes: RandomBytes;
  /** For tests of loss: packets for which one of these is false are lost on their way. */
  readonly network?: Network | undefined;
  /**
   * Tells the relay that it gets no transport-wide feedback, for receivers that look at no packet: one that asks for the
   * estimate and sends none would double what each packet costs the relay.
   */
  readonly withoutEstimation?: boolean | undefined;
  /** How the relay is found over UDP, in place of werift's own agent; for receivers that count packets and open none. */
  readonly tryUdp?: Platform['tryUdp'];
}

export interface Network {
  readonly carriesIn?: (packet: RtpPacket) => boolean;
  readonly carriesOut?: (datagram: Buffer) => boolean;
}

/** The SDK's media port in Node: ICE, DTLS and SRTP of werift, packets and RTCP of our own, clips as input. */
export const createWeriftMedia = (options: WeriftMediaOptions): MediaPort<EncodedInput, ReceivedStream> =>
  new WeriftMedia(options);

/** What lives from one `load` to the next `reset`. */
interface Session {
  readonly router: RtpCapabilities;
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly headers: HeaderWriter;
  readonly ssrcs: Set<number>;
  /** One per participant and session: what is joined by them is joined for receivers. */
  readonly cname: string;
  readonly msid: string;
  /** Of both hops: they are one participant's, and making one takes longer than most of a handshake. */
  readonly certificate: Promise<RTCCertificate>;
  readonly hops: Map<Direction, Hop>;
  /** Sources between `produce` and the relay's answer. */
  readonly announcing: Set<Source>;
  mids: number;
}

class WeriftMedia implements MediaPort<EncodedInput, ReceivedStream> {
  readonly #options: WeriftMediaOptions;
  readonly #events: Emitter<MediaPortEvent>;
  readonly #unixOriginMs: number;
  #session: Session | undefined;

  constructor(options: WeriftMediaOptions) {
    this.#options = options;
    this.#events = new Emitter((error) => this.#listenerFailed(error));
    this.#unixOriginMs = options.clock.unixMs() - options.clock.nowMs();
  }

  async load(router: RtpCapabilities): Promise<RtpCapabilities> {
    this.reset();
    this.#session = this.#newSession(router);
    const capabilities = receivable(router);
    return this.#options.withoutEstimation ? withoutEstimation(capabilities) : capabilities;
  }

  async openTransport(
    direction: Direction,
    offer: TransportOffer,
    connect: (dtlsParameters: DtlsParameters) => Promise<void>,
  ): Promise<void> {
    const session = this.#loaded();
    if (session.hops.has(direction))
      throw new BelfryError('transport.exists', `${direction} is open already`);
    const hop = await this.#createHop(session, direction, offer);
    try {
      await connect(hop.dtlsParameters);
      await hop.connect();
    } catch (error) {
      hop.close();
      if (session.hops.get(direction) === hop) session.hops.delete(direction);
      throw error;
    }
  }

  async restartIce(direction: Direction, iceParameters: IceParameters): Promise<void> {
    await this.#hop(direction).restartIce(iceParameters);
  }

  async produce(
    { source, input }: { readonly source: Source; readonly input: EncodedInput },
    announce: (rtpParameters: RtpParameters) => Promise<ProducerId>,
  ): Promise<void> {
    const session = this.#loaded();
    if (session.sender.has(source) || session.announcing.has(source)) {
      throw new BelfryError('media.source-live', `${source} is produced already`);
    }
    const prepared = this.#prepare(session, source, input);
    session.announcing.add(source);
    try {
      await announce(prepared.rtpParameters);
      // Stopped or reset meanwhile: nothing may leave.
      if (session.announcing.has(source) && this.#session === session) this.#start(session, source, prepared);
    } finally {
      session.announcing.delete(source);
    }
  }

  setSending(source: Source, { paused, topLayer }: SendLimits): void {
    this.#session?.sender.setTopLayer(source, topLayer);
    this.#session?.sender.setPaused(source, paused);
  }

  stopProducing(source: Source): void {
    this.#session?.announcing.delete(source);
    this.#session?.sender.remove(source);
  }

  async consume(stream: IncomingStream): Promise<ReceivedStream> {
    const { receiver } = this.#loaded();
    const { frameKeys, clock } = this.#options;
    const { consumer, rtpParameters } = stream;
    const onRefused = (code: string) => this.#events.emit({ kind: 'frame-refused', consumer, code });
    const onListenerError = (error: unknown) => this.#listenerFailed(error);
    const incoming = new Incoming({ stream, frameKeys, clock, onRefused, onListenerError });
    receiver.add(incoming, rtpParameters.headerExtensions);
    return incoming;
  }

  stopConsuming(consumer: ConsumerId): void {
    this.#session?.receiver.remove(consumer);
  }

  reset(): void {
    const session = this.#session;
    this.#session = undefined;
    session?.sender.close();
    session?.receiver.close();
    session?.announcing.clear();
    for (const hop of session?.hops.values() ?? []) hop.close();
    session?.hops.clear();
  }

  onEvent(listener: (event: MediaPortEvent) => void): () => void {
    return this.#events.on(listener);
  }

  #newSession(router: RtpCapabilities): Session {
    const { clock, randomBytes } = this.#options;
    const ssrcs = new Set<number>();
    const hops = new Map<Direction, Hop>();
    const certificate = createCertificate();
    // Told to whoever opens a transport.
    certificate.catch(() => {});
    const sendRtcp = (compound: Buffer) => hops.get('receive')?.sendRtcp(compound);
    return {
      router,
      sender: new Sender(clock),
      receiver: new Receiver(clock, newSsrc(randomBytes, ssrcs), sendRtcp),
      headers: new HeaderWriter(() => clock.nowMs()),
      ssrcs,
      cname: randomName(randomBytes),
      msid: randomName(randomBytes),
      certificate,
      hops,
      announcing: new Set(),
      mids: 0,
    };
  }

  async #createHop(session: Session, direction: Direction, offer: TransportOffer): Promise<Hop> {
    const hop = new Hop(offer, await session.certificate, this.#options, {
      onState: (state) => this.#events.emit({ kind: 'transport-state', direction, state }),
      onRtp: (packet) => {
        if (this.#options.network?.carriesIn?.(packet) ?? true) session.receiver.rtp(packet);
      },
      onRtcp: (packet) => (direction === 'send' ? session.sender : session.receiver).rtcp(packet),
    });
    if (this.#session !== session || session.hops.has(direction)) {
      hop.close();
      throw new BelfryError('transport.failed', 'reset while connecting');
    }
    session.hops.set(direction, hop);
    return hop;
  }

  #prepare(session: Session, source: Source, input: EncodedInput): Prepared {
    const { frameKeys, randomBytes } = this.#options;
    const { router, headers, cname, msid, ssrcs } = session;
    const side = { router, frameKeys, randomBytes, headers, cname, msid };
    const mid = `${session.mids++}`;
    return prepareOutgoing({ ...side, sink: this.#sink(), ssrcsInUse: ssrcs }, source, input, mid);
  }

  #sink(): PacketSink {
    const hop = this.#hop('send');
    const carries = this.#options.network?.carriesOut;
    if (carries === undefined) return hop;
    return {
      protect: (header, payload) => hop.protect(header, payload),
      send: (datagram) => carries(datagram) && hop.send(datagram),
    };
  }

  #start(session: Session, source: Source, prepared: Prepared): void {
    const hop = this.#hop('send');
    const outgoing = prepared.start({
      startMs: this.#options.clock.nowMs(),
      unixMsAt: (nowMs) => this.#unixOriginMs + nowMs,
      sendRtcp: (compound) => hop.sendRtcp(compound),
      onSealingRefused: ({ code }) => {
        session.sender.remove(source);
        this.#events.emit({ kind: 'sealing-failed', source, code });
      },
    });
    session.sender.add(source, outgoing);
  }

  #loaded(): Session {
    if (this.#session === undefined) throw new BelfryError('media.not-loaded', 'load comes first');
    return this.#session;
  }

  #hop(direction: Direction): Hop {
    const hop = this.#loaded().hops.get(direction);
    if (hop === undefined) throw new BelfryError('media.no-transport', `no ${direction} transport is open`);
    return hop;
  }

  #listenerFailed(error: unknown): void {
    this.#options.logger.error('media-listener-failed', { message: messageOf(error) });
  }
}
