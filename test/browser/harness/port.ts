import type { ConsumerId, ProducerId } from '../../../src/base/ids.ts';
import type { Direction, Source, TransportOffer } from '../../../src/base/media.ts';
import { systemClock } from '../../../src/base/platform.ts';
import type { DtlsParameters, IceParameters, RtpCapabilities, RtpParameters } from '../../../src/base/rtp.ts';
import { type BrowserMedia, createBrowserMedia } from '../../../src/client/browser/adapter.ts';
import { createTransformWorker } from '../../../src/client/browser/worker.ts';
import type { IncomingStream, MediaPortEvent, SendLimits } from '../../../src/client/ports.ts';
import { capture } from './capture.ts';

/** What the test's process gives the page, to be called back. */
declare global {
  interface Window {
    portConnect(direction: Direction, dtlsParameters: DtlsParameters): Promise<void>;
    portAnnounce(source: Source, rtpParameters: RtpParameters): Promise<ProducerId>;
    portEvent(event: MediaPortEvent): Promise<void>;
    port: PortApi;
  }
}

/** The browser's media port by plain data alone: an output is named by its consumer, an input by its source. */
export interface PortApi {
  /** A port with keys of its own; the one before it is closed. */
  make(number: number): void;
  load(router: RtpCapabilities): Promise<RtpCapabilities>;
  openTransport(direction: Direction, offer: TransportOffer): Promise<void>;
  restartIce(direction: Direction, iceParameters: IceParameters): Promise<void>;
  produce(source: Source): Promise<void>;
  setSending(source: Source, limits: SendLimits): void;
  stopProducing(source: Source): void;
  consume(stream: IncomingStream): Promise<void>;
  stopConsuming(consumer: ConsumerId): void;
  reset(): void;
  /** Frames that were opened and decoded, for each consumer that is there. */
  frames(): Promise<Readonly<Record<string, number>>>;
}

const SENDERS = [1, 2, 3, 4];
/** At Opus' 48 kHz, in frames of 20 ms. */
const SAMPLES_PER_FRAME = 960;

const keyOf = (number: number) => new Uint8Array(32).fill(number);

const makeMedia = (number: number): BrowserMedia => {
  const made = createBrowserMedia({
    worker: createTransformWorker(),
    clock: systemClock,
    onListenerError: (error) => console.error(error),
  });
  made.frameKeys.useOwnKey(number, keyOf(number));
  for (const other of SENDERS) made.frameKeys.addSender(other, keyOf(other));
  made.media.onEvent((event) => void window.portEvent(event));
  return made;
};

const play = (track: MediaStreamTrack): void => {
  const element = document.createElement(track.kind === 'audio' ? 'audio' : 'video');
  element.autoplay = true;
  element.srcObject = new MediaStream([track]);
  track.addEventListener('ended', () => element.remove());
  document.body.append(element);
};

/** Of audio, what left the jitter buffer: a frame that was refused never entered it. */
const framesOf = (report: Record<string, unknown>): number =>
  report.kind === 'audio'
    ? Math.floor(Number(report.jitterBufferEmittedCount ?? 0) / SAMPLES_PER_FRAME)
    : Number(report.framesDecoded ?? 0);

const countFrames = async (connections: readonly RTCPeerConnection[]): Promise<Map<unknown, number>> => {
  const counts = new Map<unknown, number>();
  for (const connection of connections.filter(({ connectionState }) => connectionState !== 'closed'))
    for (const report of (await connection.getStats()).values())
      if (report.type === 'inbound-rtp') counts.set(report.trackIdentifier, framesOf(report));
  return counts;
};

export const createPortApi = (connections: readonly RTCPeerConnection[]): PortApi => {
  const outputs = new Map<ConsumerId, MediaStreamTrack>();
  const inputs: MediaStreamTrack[] = [];
  let made: BrowserMedia | undefined;
  const port = () => {
    if (made === undefined) throw new Error('make a port first');
    return made.media;
  };
  return {
    make(number) {
      made?.close();
      for (const input of inputs.splice(0)) input.stop();
      outputs.clear();
      made = makeMedia(number);
    },
    load: (router) => port().load(router),
    openTransport: (direction, offer) =>
      port().openTransport(direction, offer, (dtls) => window.portConnect(direction, dtls)),
    restartIce: (direction, iceParameters) => port().restartIce(direction, iceParameters),
    async produce(source) {
      const input = await capture(source);
      inputs.push(input);
      await port().produce({ source, input }, (rtp) => window.portAnnounce(source, rtp));
    },
    setSending: (source, limits) => port().setSending(source, limits),
    stopProducing: (source) => port().stopProducing(source),
    async consume(stream) {
      const track = await port().consume(stream);
      outputs.set(stream.consumer, track);
      play(track);
    },
    stopConsuming: (consumer) => port().stopConsuming(consumer),
    reset: () => port().reset(),
    async frames() {
      const counts = await countFrames(connections);
      return Object.fromEntries([...outputs].map(([consumer, { id }]) => [consumer, counts.get(id) ?? 0]));
    },
  };
};
