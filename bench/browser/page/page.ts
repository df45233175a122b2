import { secureRandomBytes, systemClock } from '../../../src/base/platform.ts';
import type { Result } from '../../../src/base/result.ts';
import { createBrowserMedia } from '../../../src/client/browser/adapter.ts';
import { browserGroupTools } from '../../../src/client/browser/group-tools.ts';
import { createTransformWorker } from '../../../src/client/browser/worker.ts';
import { openWebSocket } from '../../../src/client/connection/web-socket.ts';
import { groupKeys } from '../../../src/client/group/meeting-keys.ts';
import { parseLink } from '../../../src/client/link.ts';
import { joinMeeting, type Meeting } from '../../../src/client/meeting.ts';
import type { StreamEvent } from '../../../src/client/streams.ts';
import { recordConnections } from '../../../test/browser/harness/connections.ts';
import { takeDevice } from '../../../test/support/handed-device.ts';
import {
  type BenchApi,
  CAMERA,
  type CostOrder,
  type CostSamples,
  type JoinOptions,
  WATCHED_LAYER,
} from './api.ts';
import { passInClear, withoutRounds } from './in-clear.ts';
import { JoinWatch } from './join-watch.ts';
import { readReceived } from './received.ts';
import { rerouted } from './rerouted.ts';

interface Joined {
  readonly meeting: Meeting<MediaStreamTrack, MediaStreamTrack>;
  readonly close: () => void;
}

const connections = recordConnections();
const onListenerError = (error: unknown): void => console.error(error);
const codeOf = (result: Result<unknown>): string =>
  result.ok ? 'ok' : `${result.refusal.code}: ${result.refusal.message}`;

const page: { watch: JoinWatch; joined?: Joined } = { watch: new JoinWatch() };

const play = (event: StreamEvent<MediaStreamTrack>): void => {
  if (event.kind === 'removed') return;
  const { output, participant, source } = event.stream;
  const element = document.createElement(output.kind === 'audio' ? 'audio' : 'video');
  if (element instanceof HTMLVideoElement) element.requestVideoFrameCallback(() => page.watch.firstFrame());
  element.autoplay = true;
  element.srcObject = new MediaStream([output]);
  document.body.append(element);
  if (source === 'camera')
    void page.joined?.meeting.preferLayers(participant, source, { spatialLayer: WATCHED_LAYER });
};

const join = async ({ link, name, device, sealing, impaired }: JoinOptions): Promise<string> => {
  const parsed = parseLink(link);
  if (!parsed.ok) return parsed.refusal.code;
  if (sealing === 'in-clear') passInClear();
  const enrolled = await takeDevice(device);
  page.watch = new JoinWatch();
  const { media, frameKeys, close } = createBrowserMedia({
    worker: createTransformWorker(),
    clock: sealing === 'in-clear' ? withoutRounds(systemClock) : systemClock,
    onListenerError,
  });
  media.onEvent((event) => {
    if (event.kind !== 'transport-state' || event.direction !== 'receive') return;
    if (event.state === 'connected') page.watch.mark('connected');
  });
  const outcome = await joinMeeting({
    link: parsed.value,
    name,
    media: impaired ? rerouted(media) : media,
    frameKeys,
    device: enrolled,
    keys: groupKeys(browserGroupTools),
    openSocket: openWebSocket,
    clock: systemClock,
    randomBytes: secureRandomBytes,
    onListenerError,
  });
  page.watch.mark('entered');
  if (!outcome.ok) return codeOf(outcome);
  page.joined = { meeting: outcome.value, close };
  outcome.value.onStream(play);
  return 'ok';
};

const joined = (): Joined => {
  if (page.joined === undefined) throw new Error('join first');
  return page.joined;
};

const send = async (): Promise<string> => {
  const stream = await navigator.mediaDevices.getUserMedia({ video: CAMERA, audio: true });
  const [camera, microphone] = [stream.getVideoTracks()[0], stream.getAudioTracks()[0]];
  if (camera === undefined || microphone === undefined) return 'no devices';
  const { meeting } = joined();
  const outcomes = [await meeting.produce('microphone', microphone), await meeting.produce('camera', camera)];
  return outcomes.map(codeOf).find((code) => code !== 'ok') ?? 'ok';
};

const costs = (order: CostOrder): Promise<readonly CostSamples[]> => {
  const worker = new Worker(new URL('./cost-worker.ts', import.meta.url), { type: 'module' });
  return new Promise<readonly CostSamples[]>((resolve, reject) => {
    worker.onmessage = ({ data }) => (data.error === undefined ? resolve(data.samples) : reject(data.error));
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(order);
  }).finally(() => worker.terminate());
};

const api: BenchApi = {
  costs,
  join,
  send,
  times: () => page.watch.times,
  received: () => readReceived(connections, joined().meeting.state),
  async leave() {
    const { meeting, close } = joined();
    await meeting.leave();
    close();
  },
};

window.bench = api;
