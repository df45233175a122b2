import { BelfryError } from '../../../src/base/errors.ts';
import { createAsyncFrameKeys } from '../../../src/e2ee/keys/store-async.ts';
import { nobleDriver } from '../../../src/e2ee/sframe/noble.ts';
import { DEFAULT_SUITE, SUITES } from '../../../src/e2ee/sframe/suites.ts';
import { webDriver } from '../../../src/e2ee/sframe/web.ts';
import { TransformDesk } from '../../../src/e2ee/transform/desk.ts';
import type { EncodedFrame } from '../../../src/e2ee/transform/stream.ts';
import { type Random, seededRandom } from '../../random.ts';
import { COST_SUBJECTS, type CostOrder, type CostSamples, type CostSubject } from './api.ts';

/*
 * `seal` and `open` are what the transform does with a frame that the browser hands it, from the frame's data to the
 * frame's data: the desk's own functions over WebCrypto, one frame after another, as the worker's pipe calls them. `bare`
 * is `crypto.subtle.encrypt` of the same bytes under a key of the same suite, without AAD, always the same nonce, and
 * awaited as often.
 */

const NUMBER = 77;
const SUITE = SUITES[DEFAULT_SUITE];
const US_PER_MS = 1_000;

/** Times one sample: `frames` frames of `size`, after what needs no timing. Answers milliseconds. */
type Measure = (size: number, frames: number) => Promise<number>;

const timed = async (work: () => Promise<void>): Promise<number> => {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
};

/** Two workers' worth of the transform, which know each other's keys: one seals, the other opens. */
const makeTransforms = (random: Random) => {
  const baseKey = random.bytes(SUITE.keyBytes);
  const deskOf = () => {
    const keys = createAsyncFrameKeys({ driver: webDriver(crypto.subtle), hmac: nobleDriver });
    const clock = { nowMs: () => performance.now(), every: () => () => {} };
    return new TransformDesk({ keys, clock, post: () => {} });
  };
  const [sender, receiver] = [deskOf(), deskOf()];
  sender.onMessage({ kind: 'own-key', number: NUMBER, baseKey });
  receiver.onMessage({ kind: 'add-sender', number: NUMBER, baseKey });
  const shape = { id: 1, source: 'camera', codec: 'vp8' } as const;
  return {
    seal: sender.attach({ ...shape, direction: 'send' }, () => {}).transform,
    open: receiver.attach({ ...shape, direction: 'receive', number: NUMBER }, () => {}).transform,
  };
};

/** A VP8 delta frame, as a transform gets it. */
const makeFrames = (data: ArrayBuffer, count: number): EncodedFrame[] =>
  Array.from({ length: count }, () => ({
    data,
    type: 'delta',
    getMetadata: () => ({ synchronizationSource: 1 }),
  }));

const through = async (
  frames: readonly EncodedFrame[],
  transform: (frame: EncodedFrame) => Promise<boolean>,
) => {
  for (const frame of frames)
    if (!(await transform(frame))) throw new BelfryError('bench.refused', 'a frame was refused');
};

const makeMeasures = async (
  random: Random,
  dataOf: (size: number) => ArrayBuffer,
): Promise<{ readonly [Subject in CostSubject]: Measure }> => {
  const { seal, open } = makeTransforms(random);
  const key = await crypto.subtle.importKey('raw', random.bytes(SUITE.keyBytes), 'AES-GCM', false, [
    'encrypt',
  ]);
  const algorithm = { name: 'AES-GCM', iv: new Uint8Array(SUITE.nonceBytes), tagLength: 8 * SUITE.tagBytes };
  const bare: Measure = (size, frames) => {
    const data = dataOf(size);
    return timed(async () => {
      for (let i = 0; i < frames; i++) await crypto.subtle.encrypt(algorithm, key, data);
    });
  };
  return {
    bare,
    'bare again': bare,
    seal: (size, count) => {
      const frames = makeFrames(dataOf(size), count);
      return timed(() => through(frames, seal));
    },
    async open(size, count) {
      const frames = makeFrames(dataOf(size), count);
      await through(frames, seal);
      return timed(() => through(frames, open));
    },
  };
};

/** Before the first sample: the compiler has its work done by then. */
const WARM_UP_ROUNDS = 5;

/** Every round has one sample of everything, in a random order. */
export const measureCosts = async (order: CostOrder): Promise<readonly CostSamples[]> => {
  const random = seededRandom(order.seed);
  const data = new Map(order.sizes.map((size) => [size, deltaFrame(random, size)]));
  const measures = await makeMeasures(random, (size) => data.get(size) ?? new ArrayBuffer(size));
  const plans = order.sizes.flatMap((size) =>
    COST_SUBJECTS.map((subject) => ({ size, subject, samplesUs: [] as number[] })),
  );
  for (let round = -WARM_UP_ROUNDS; round < order.rounds; round++)
    for (const { size, subject, samplesUs } of random.shuffled(plans)) {
      const tookMs = await measures[subject](size, order.framesPerSample);
      if (round >= 0) samplesUs.push((US_PER_MS * tookMs) / order.framesPerSample);
    }
  return plans;
};

const deltaFrame = (random: Random, size: number): ArrayBuffer => {
  const frame = random.bytes(size);
  frame[0] = 1;
  return frame.buffer;
};
