import assert from 'node:assert/strict';
import { type Bytes, toHex, utf8 } from '../../src/base/bytes.ts';
import { Emitter } from '../../src/base/emitter.ts';
import { BelfryError } from '../../src/base/errors.ts';
import type { ConsumerId, ProducerId } from '../../src/base/ids.ts';
import { type Direction, mediaKindOf, type Source, type TransportOffer } from '../../src/base/media.ts';
import type { DtlsParameters, RtpCapabilities, RtpParameters } from '../../src/base/rtp.ts';
import {
  type IncomingStream,
  type MediaPort,
  type MediaPortEvent,
  type SendLimits,
  TOP_LAYER,
} from '../../src/client/ports.ts';
import type { FrameKeys, SealingContext } from '../../src/e2ee/frame-keys.ts';

/** One encoding for each layer; every frame sent goes out once per layer, as simulcast does. */
export interface FakeInput {
  readonly layers: number;
}

export interface FakeOutput {
  readonly consumer: ConsumerId;
  /** Frames opened, in hexadecimal digits, in order. */
  readonly frames: string[];
}

/** What connects fake ports in place of a relay: sealed frames by SSRC, and everybody who takes that SSRC. */
export class FakeNet {
  /** Every sealed frame that left any port. */
  readonly sealed: Bytes[] = [];
  readonly #takers = new Map<number, Set<(wire: Bytes) => void>>();
  #lastSsrc = 1_000;

  newSsrc(): number {
    this.#lastSsrc += 1;
    return this.#lastSsrc;
  }

  take(ssrc: number, taker: (wire: Bytes) => void): () => void {
    const takers = this.#takers.get(ssrc) ?? new Set();
    this.#takers.set(ssrc, takers.add(taker));
    return () => takers.delete(taker);
  }

  send(ssrc: number, wire: Bytes): void {
    this.sealed.push(wire);
    for (const taker of this.#takers.get(ssrc) ?? []) taker(wire);
  }
}

interface Sending {
  readonly layers: readonly { readonly context: SealingContext; readonly ssrc: number }[];
  paused: boolean;
  topLayer: number;
}

const DTLS: DtlsParameters = { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: '22:33' }] };

/** A media stack without media: seals what it is told to send, as an adapter does, and opens what comes. */
export class FakeMediaPort implements MediaPort<FakeInput, FakeOutput> {
  /** Names of the calls, in order. */
  readonly calls: string[] = [];
  /** Makes the next call of that name fail. */
  readonly failures = new Set<string>();
  readonly #frameKeys: FrameKeys;
  readonly #net: FakeNet;
  readonly #events = new Emitter<MediaPortEvent>((error) => {
    throw error;
  });
  readonly #connect = new Map<Direction, () => Promise<void>>();
  readonly #sending = new Map<Source, Sending>();
  readonly #receiving = new Map<ConsumerId, () => void>();
  #isLoaded = false;
  #frame = 0;

  constructor(frameKeys: FrameKeys, net: FakeNet) {
    this.#frameKeys = frameKeys;
    this.#net = net;
  }

  async load(router: RtpCapabilities): Promise<RtpCapabilities> {
    this.#called('load');
    this.#isLoaded = true;
    return router;
  }

  async openTransport(
    direction: Direction,
    _offer: TransportOffer,
    connect: (dtlsParameters: DtlsParameters) => Promise<void>,
  ): Promise<void> {
    this.#called('openTransport');
    assert(this.#isLoaded && !this.#connect.has(direction), 'load comes first, each direction once');
    let connected: Promise<void> | undefined;
    this.#connect.set(direction, () => {
      connected ??= connect(DTLS).then(() =>
        this.say({ kind: 'transport-state', direction, state: 'connected' }),
      );
      return connected;
    });
  }

  async restartIce(direction: Direction): Promise<void> {
    this.#called('restartIce');
    assert(this.#connect.has(direction));
  }

  async produce(
    { source, input }: { readonly source: Source; readonly input: FakeInput },
    announce: (rtpParameters: RtpParameters) => Promise<ProducerId>,
  ): Promise<void> {
    this.#called('produce');
    if (this.#sending.has(source)) throw new BelfryError('media.source-live', 'one live producer per source');
    const layers = Array.from({ length: input.layers }, () => this.#newLayer(source));
    await this.#transport('send');
    await announce(parametersOf(source, layers));
    this.#called('start');
    this.#sending.set(source, { layers, paused: false, topLayer: TOP_LAYER });
  }

  setSending(source: Source, { paused, topLayer }: SendLimits): void {
    this.#called('setSending');
    const sending = this.#sending.get(source);
    if (sending !== undefined) Object.assign(sending, { paused, topLayer });
  }

  stopProducing(source: Source): void {
    this.#called('stopProducing');
    this.#sending.delete(source);
  }

  async consume({ consumer, source, sender, rtpParameters }: IncomingStream): Promise<FakeOutput> {
    this.#called('consume');
    await this.#transport('receive');
    const frames: string[] = [];
    const codec = mediaKindOf(source) === 'audio' ? 'opus' : 'vp8';
    const open = (wire: Bytes) => {
      const opened = this.#frameKeys.open(wire, { ...sender, source, codec });
      if (opened.ok) frames.push(toHex(opened.value.frame));
      else this.say({ kind: 'frame-refused', consumer, code: opened.refusal.code });
    };
    const stops = rtpParameters.encodings.map(({ ssrc = 0 }) => this.#net.take(ssrc, open));
    this.#receiving.set(consumer, () => {
      for (const stop of stops) stop();
    });
    return { consumer, frames };
  }

  stopConsuming(consumer: ConsumerId): void {
    this.#called('stopConsuming');
    this.#receiving.get(consumer)?.();
    this.#receiving.delete(consumer);
  }

  reset(): void {
    this.#called('reset');
    for (const stop of this.#receiving.values()) stop();
    this.#receiving.clear();
    this.#sending.clear();
    this.#connect.clear();
    this.#isLoaded = false;
  }

  onEvent(listener: (event: MediaPortEvent) => void): () => void {
    return this.#events.on(listener);
  }

  /** What only the network would make happen. */
  say(event: MediaPortEvent): void {
    this.#events.emit(event);
  }

  get sources(): readonly Source[] {
    return [...this.#sending.keys()];
  }

  get consuming(): readonly ConsumerId[] {
    return [...this.#receiving.keys()];
  }

  topLayerOf(source: Source): number | undefined {
    return this.#sending.get(source)?.topLayer;
  }

  isPaused(source: Source): boolean | undefined {
    return this.#sending.get(source)?.paused;
  }

  /** Seals and sends `count` frames of every layer of what is on and not paused; answers them as hexadecimal digits. */
  sendFrames(source: Source, count: number): string[] {
    const sending = this.#sending.get(source);
    if (sending === undefined || sending.paused) return [];
    const sent: string[] = [];
    for (let i = 0; i < count; i++)
      for (const { context, ssrc } of sending.layers.slice(0, sending.topLayer + 1)) {
        this.#frame += 1;
        // Even: what VP8 takes for a key frame by its first byte's low bit.
        const frame = utf8(`@${'x'.repeat(16)} ${source} ${this.#frame}`);
        const sealed = context.seal(frame, true);
        if (!sealed.ok && sealed.refusal.code === 'frame.between-epochs') continue;
        assert(sealed.ok, 'a frame must seal');
        sent.push(toHex(frame));
        this.#net.send(ssrc, sealed.value.wire);
      }
    return sent;
  }

  #newLayer(source: Source) {
    const context = this.#frameKeys.newSealingContext(
      source,
      mediaKindOf(source) === 'audio' ? 'opus' : 'vp8',
    );
    if (!context.ok) throw BelfryError.from(context.refusal);
    return { context: context.value, ssrc: this.#net.newSsrc() };
  }

  /** Connects at the first use, as stacks do. */
  async #transport(direction: Direction): Promise<void> {
    const connect = this.#connect.get(direction);
    if (connect === undefined) throw new BelfryError('media.no-transport', `no ${direction} transport`);
    await connect();
  }

  #called(name: string): void {
    this.calls.push(name);
    if (this.failures.delete(name)) throw new BelfryError('media.failed', `${name} was told to fail`);
  }
}

const parametersOf = (source: Source, layers: Sending['layers']): RtpParameters => ({
  codecs: [
    mediaKindOf(source) === 'audio'
      ? { mimeType: 'audio/opus', payloadType: 100, clockRate: 48_000, channels: 2 }
      : { mimeType: 'video/VP8', payloadType: 101, clockRate: 90_000 },
  ],
  headerExtensions: [],
  encodings: layers.map(({ ssrc }) => ({ ssrc })),
  rtcp: { cname: 'fake' },
});
