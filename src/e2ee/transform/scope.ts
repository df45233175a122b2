import type { Clock } from '../../base/clock.ts';
import type { AsyncFrameKeys } from '../frame-keys.ts';
import { TransformDesk } from './desk.ts';
import type { EncodedFrame, FrameTransform } from './stream.ts';

/** The parts of a dedicated worker's global scope that are used (WebRTC Encoded Transform, section 6). */
export interface TransformScope {
  onrtctransform: ((event: { readonly transformer: Transformer }) => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: unknown): void;
}

interface Transformer {
  readonly options: unknown;
  readonly readable: ReadableStream<EncodedFrame>;
  readonly writable: WritableStream<EncodedFrame>;
  sendKeyFrameRequest(): Promise<unknown>;
}

const workerClock: Pick<Clock, 'nowMs' | 'every'> = {
  nowMs: () => performance.now(),
  every(periodMs, run) {
    const timer = setInterval(run, periodMs);
    return () => clearInterval(timer);
  },
};

/** A frame is passed on only where the transform said so: a throw errors the pipe, and with it the stream for good. */
const pipe = ({ readable, writable }: Transformer, transform: FrameTransform): Promise<void> => {
  const through = new TransformStream<EncodedFrame, EncodedFrame>({
    async transform(frame, controller) {
      if (await transform(frame)) controller.enqueue(frame);
    },
  });
  return readable.pipeThrough(through).pipeTo(writable);
};

/** Turns a worker into the one that seals and opens under `keys`. */
export const runTransforms = (scope: TransformScope, keys: AsyncFrameKeys): void => {
  const desk = new TransformDesk({ keys, clock: workerClock, post: (message) => scope.postMessage(message) });
  const attach = (transformer: Transformer): void => {
    // Refused while nothing was received yet: then the first frame is a key frame anyway.
    const requestKeyFrame = () => void transformer.sendKeyFrameRequest().catch(() => {});
    const { id, transform } = desk.attach(transformer.options, requestKeyFrame);
    pipe(transformer, transform).catch((error: unknown) => desk.pipeFailed(id, error));
  };
  scope.onrtctransform = ({ transformer }) => {
    try {
      attach(transformer);
    } catch (error) {
      desk.pipeFailed(undefined, error);
    }
  };
  scope.onmessage = ({ data }) => desk.onMessage(data);
  desk.start();
};
