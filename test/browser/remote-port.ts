import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { Emitter } from '../../src/base/emitter.ts';
import { asId, type ConsumerId, type ProducerId } from '../../src/base/ids.ts';
import type { Direction, Source, TransportOffer } from '../../src/base/media.ts';
import type { DtlsParameters, IceParameters, RtpCapabilities, RtpParameters } from '../../src/base/rtp.ts';
import type { IncomingStream, MediaPort, MediaPortEvent, SendLimits } from '../../src/client/ports.ts';

/** The media port of a page, driven from here: an input is named by its source, an output by its consumer. */
export class RemotePort implements MediaPort<Source, ConsumerId> {
  readonly #page: Page;
  readonly #events = new Emitter<MediaPortEvent>((error) => assert.fail(String(error)));
  readonly #connects = new Map<Direction, (dtlsParameters: DtlsParameters) => Promise<void>>();
  readonly #announces = new Map<Source, (rtpParameters: RtpParameters) => Promise<ProducerId>>();
  readonly #counts = new Map<ConsumerId, number>();
  /** What was told the page without waiting for it, in order. */
  #told: Promise<void> = Promise.resolve();

  private constructor(page: Page) {
    this.#page = page;
  }

  static async on(page: Page): Promise<RemotePort> {
    const port = new RemotePort(page);
    await page.exposeFunction('portConnect', (direction: Direction, dtls: DtlsParameters) =>
      port.#connects.get(direction)?.(dtls),
    );
    await page.exposeFunction('portAnnounce', (source: Source, rtp: RtpParameters) =>
      port.#announces.get(source)?.(rtp),
    );
    await page.exposeFunction('portEvent', (event: MediaPortEvent) => port.#events.emit(event));
    return port;
  }

  /** Begins anew, as number `number`. */
  make(number: number): void {
    this.#counts.clear();
    this.#tell(this.#page.evaluate((given) => window.port.make(given), number));
  }

  /** Settles once the page did what it was told, and its counts are known here. */
  async refresh(): Promise<void> {
    await this.#told;
    const frames = await this.#page.evaluate(() => window.port.frames());
    for (const [name, count] of Object.entries(frames)) {
      const consumer = asId<ConsumerId>(name);
      // The browser counts no longer what it has closed.
      this.#counts.set(consumer, Math.max(count, this.framesOf(consumer)));
    }
  }

  framesOf(consumer: ConsumerId): number {
    return this.#counts.get(consumer) ?? 0;
  }

  load(router: RtpCapabilities): Promise<RtpCapabilities> {
    return this.#page.evaluate((given) => window.port.load(given), router);
  }

  async openTransport(
    direction: Direction,
    offer: TransportOffer,
    connect: (dtlsParameters: DtlsParameters) => Promise<void>,
  ): Promise<void> {
    this.#connects.set(direction, connect);
    await this.#page.evaluate(([way, given]) => window.port.openTransport(way, given), [
      direction,
      offer,
    ] as const);
  }

  async restartIce(direction: Direction, iceParameters: IceParameters): Promise<void> {
    await this.#page.evaluate(([way, given]) => window.port.restartIce(way, given), [
      direction,
      iceParameters,
    ] as const);
  }

  async produce(
    { source }: { readonly source: Source; readonly input: Source },
    announce: (rtpParameters: RtpParameters) => Promise<ProducerId>,
  ): Promise<void> {
    this.#announces.set(source, announce);
    await this.#page.evaluate((given) => window.port.produce(given), source);
  }

  setSending(source: Source, limits: SendLimits): void {
    this.#tell(
      this.#page.evaluate(([which, given]) => window.port.setSending(which, given), [
        source,
        limits,
      ] as const),
    );
  }

  stopProducing(source: Source): void {
    this.#tell(this.#page.evaluate((given) => window.port.stopProducing(given), source));
  }

  async consume(stream: IncomingStream): Promise<ConsumerId> {
    await this.#page.evaluate((given) => window.port.consume(given), stream);
    return stream.consumer;
  }

  stopConsuming(consumer: ConsumerId): void {
    this.#tell(this.#page.evaluate((given) => window.port.stopConsuming(given), consumer));
  }

  reset(): void {
    this.#tell(this.#page.evaluate(() => window.port.reset()));
  }

  onEvent(listener: (event: MediaPortEvent) => void): () => void {
    return this.#events.on(listener);
  }

  /** The page runs what it is sent in the order in which it was sent: only a failure has to be waited for. */
  #tell(told: Promise<void>): void {
    this.#told = Promise.all([this.#told, told]).then(() => {});
  }
}
