import type { Source } from '../../../src/base/media.ts';
import { secureRandomBytes, systemClock } from '../../../src/base/platform.ts';
import type { Result } from '../../../src/base/result.ts';
import { type BrowserMedia, createBrowserMedia } from '../../../src/client/browser/adapter.ts';
import { createTransformWorker } from '../../../src/client/browser/worker.ts';
import { openWebSocket } from '../../../src/client/connection/web-socket.ts';
import { joinMeeting, type Meeting } from '../../../src/client/meeting.ts';
import type { StreamEvent } from '../../../src/client/streams.ts';
import type { HarnessApi, WorkerKind } from './api.ts';
import { capture } from './capture.ts';
import { readReports, recordConnections } from './connections.ts';
import { entryOf } from './entry.ts';
import { makeFlashAndBeep, measureSkew } from './flash.ts';
import { HeldKeys } from './held-keys.ts';
import { createPortApi } from './port.ts';
import { readPage, showPages, type TextPages } from './text.ts';

const connections = recordConnections();
const elements = new Map<string, HTMLMediaElement>();
const tracks = new Map<Source, MediaStreamTrack>();
const sealingFailures: string[] = [];
const page: {
  meeting?: Meeting<MediaStreamTrack, MediaStreamTrack>;
  worker?: Worker;
  keys?: HeldKeys;
  media?: BrowserMedia;
  text?: TextPages;
  isHolding: boolean;
} = { isHolding: false };

const codeOf = (result: Result<unknown>): string =>
  result.ok ? 'ok' : `${result.refusal.code}: ${result.refusal.message}`;
const fail = (error: unknown): void => console.error(error);

const makeWorker = (kind: WorkerKind): Worker =>
  kind === 'real'
    ? createTransformWorker()
    : new Worker(new URL('./breaking-worker.ts', import.meta.url), { type: 'module', name: kind });

const play = (event: StreamEvent<MediaStreamTrack>): void => {
  const { consumer, output } = event.stream;
  if (event.kind === 'removed') {
    elements.get(consumer)?.remove();
    elements.delete(consumer);
    return;
  }
  const element = document.createElement(output.kind === 'audio' ? 'audio' : 'video');
  element.autoplay = true;
  element.srcObject = new MediaStream([output]);
  document.body.append(element);
  elements.set(consumer, element);
};

const joined = (): Meeting<MediaStreamTrack, MediaStreamTrack> => {
  if (page.meeting === undefined) throw new Error('join first');
  return page.meeting;
};

const senderOf = (source: Source): RTCRtpSender | undefined =>
  connections
    .flatMap((connection) => connection.getSenders())
    .find(({ track }) => track !== null && track === tracks.get(source));

const decoded = async (): Promise<number> =>
  (await readReports(connections)).inbound.reduce((sum, { framesDecoded }) => sum + framesDecoded, 0);

const api: HarnessApi = {
  async join({ name, videoCodec = 'vp8', worker = 'real', ...entry }) {
    page.worker = makeWorker(worker);
    const shared = { clock: systemClock, onListenerError: fail };
    page.media = createBrowserMedia({ ...shared, worker: page.worker, videoCodec });
    page.keys = new HeldKeys(page.media.frameKeys, page.isHolding);
    page.media.media.onEvent((event) => {
      if (event.kind === 'sealing-failed') sealingFailures.push(`${event.source} ${event.code}`);
    });
    const outcome = await joinMeeting({
      ...shared,
      ...(await entryOf(entry)),
      name,
      media: page.media.media,
      frameKeys: page.keys,
      openSocket: openWebSocket,
      randomBytes: secureRandomBytes,
    });
    if (!outcome.ok) return `${outcome.refusal.code}: ${outcome.refusal.message}`;
    page.meeting = outcome.value;
    page.meeting.onStream(play);
    return 'ok';
  },
  async produce(source) {
    const track = await capture(source);
    tracks.set(source, track);
    return codeOf(await joined().produce(source, track));
  },
  async produceFlashAndBeep() {
    const { video, audio } = makeFlashAndBeep();
    tracks.set('camera', video).set('microphone', audio);
    const outcomes = [await joined().produce('camera', video), await joined().produce('microphone', audio)];
    return outcomes.map(codeOf).find((code) => code !== 'ok') ?? 'ok';
  },
  async produceText() {
    page.text = showPages();
    tracks.set('screen', page.text.track);
    page.text.turnTo(0);
    return codeOf(await joined().produce('screen', page.text.track));
  },
  turnTo: (number) => page.text?.turnTo(number),
  readText(number) {
    const video = document.querySelector('video');
    if (video === null) throw new Error('nothing is shown');
    return readPage(video, number);
  },
  measureSkew(of, count) {
    const coming = [...elements.values()].flatMap(({ srcObject }) =>
      srcObject instanceof MediaStream ? srcObject.getTracks() : [],
    );
    const all = of === 'made' ? [...tracks.values()] : coming;
    const [video, audio] = ['video', 'audio'].map((kind) => all.find((track) => track.kind === kind));
    if (video === undefined || audio === undefined) throw new Error('no picture or no sound');
    return measureSkew({ video, audio }, count);
  },
  async stop(source) {
    const outcome = await joined().stop(source);
    tracks.get(source)?.stop();
    return codeOf(outcome);
  },
  setPaused: async (source, paused) => codeOf(await joined().setPaused(source, paused)),
  async preferLayers(name, spatialLayer) {
    const { participants } = joined().state;
    const person = [...participants.values()].find((other) => other.name === name);
    if (person === undefined) return 'nobody';
    return codeOf(await joined().preferLayers(person.participant, 'camera', { spatialLayer }));
  },
  async leave() {
    await joined().leave();
    page.media?.close();
  },
  async figures() {
    const { state } = joined();
    const { phase, problem, own, streams, participants, refusedFrames } = state;
    return {
      phase: phase.kind,
      over: phase.kind === 'closed' ? phase.why?.code : undefined,
      problem: problem && `${problem.code}: ${problem.message}`,
      own: [...own.keys()],
      streams: [...streams.values()].map(({ source, participant }) => ({
        source,
        participant,
        name: participants.get(participant)?.name ?? '',
      })),
      participants: [...participants.values()].map(({ name }) => name),
      unverified: [...state.unverified.values()],
      refusedStreams: state.refusedStreams,
      refusedFrames,
      sealingFailures,
      ...(await readReports(connections)),
    };
  },
  terminateWorker: () => page.worker?.terminate(),
  breakWorker: () => page.worker?.postMessage('break'),
  ignoreTransforms() {
    Object.defineProperty(RTCRtpSender.prototype, 'transform', { set() {}, get: () => null });
  },
  holdKeys() {
    page.isHolding = true;
    page.keys?.hold();
  },
  async releaseKeys() {
    const before = await decoded();
    const sinceMs = performance.now();
    page.keys?.release();
    while ((await decoded()) <= before) {
      if (performance.now() - sinceMs > 10_000) return Number.POSITIVE_INFINITY;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return performance.now() - sinceMs;
  },
  degradation(source) {
    return senderOf(source)?.getParameters().degradationPreference ?? 'none';
  },
  trackState: (source) => tracks.get(source)?.readyState ?? 'none',
};

window.harness = api;
window.port = createPortApi(connections);
