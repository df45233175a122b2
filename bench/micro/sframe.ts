import { createCipheriv, createSecretKey } from 'node:crypto';
import type { Bytes } from '../../src/base/bytes.ts';
import { BelfryError } from '../../src/base/errors.ts';
import type { Result } from '../../src/base/result.ts';
import { createFrameKeys } from '../../src/e2ee/keys/store.ts';
import { deriveKeyAndSalt } from '../../src/e2ee/sframe/derive.ts';
import type { SyncDriver } from '../../src/e2ee/sframe/driver.ts';
import { deriveFrameKeyAsync, encryptFrameAsync } from '../../src/e2ee/sframe/frame-async.ts';
import { nobleDriver } from '../../src/e2ee/sframe/noble.ts';
import { nodeDriver } from '../../src/e2ee/sframe/node.ts';
import { DEFAULT_SUITE, SUITES } from '../../src/e2ee/sframe/suites.ts';
import { webDriver } from '../../src/e2ee/sframe/web.ts';
import { joinKid } from '../../src/framing/kid.ts';
import { type Random, seededRandom } from '../random.ts';
import { interleaved, type Subject } from '../rounds.ts';
import { rowsOf, type Series } from '../rows.ts';
import type { BenchOptions, Measured, Scenario } from '../scenario.ts';
import { summarize } from '../stats.ts';

/*
 * What sealing costs beyond the cipher itself. `seal` is the client's own path: `SealingContext.seal` of a VP8 delta
 * frame, with clear byte, header, counter and one contiguous wire frame. `bare` is the least that yields a ciphertext
 * and a tag under the same key: createCipheriv with a KeyObject, update, final, getAuthTag; no AAD, always the same
 * nonce, output left in pieces. `bare with AAD` adds the AAD that sealing needs. `bare again` is `bare` a second time:
 * what its ratio differs from 1 is the machine's noise.
 */

const SIZES = [
  { label: '1 KB', bytes: 1024 },
  { label: '5 KB', bytes: 5 * 1024 },
  { label: '30 KB', bytes: 30 * 1024 },
] as const;

const SUITE = SUITES[DEFAULT_SUITE];
const NUMBER = 77;
/** As the store gives it out first. */
const KID = joinKid({ context: 0, number: NUMBER });
/** Header of such a key id and a counter of two bytes, source tag, one clear byte. */
const AAD_BYTES = 6;
const STREAM = { number: NUMBER, source: 'camera', codec: 'vp8' } as const;

const must = <T>(result: Result<T>): T => {
  if (result.ok) return result.value;
  throw BelfryError.from(result.refusal);
};

const deltaFrame = (random: Random, size: number): Uint8Array<ArrayBuffer> => {
  const frame = random.bytes(size);
  frame[0] = 1;
  return frame;
};

const bareSubject = (name: string, baseKey: Bytes, frame: Bytes, aad: Bytes | undefined): Subject => {
  const key = createSecretKey(deriveKeyAndSalt(nodeDriver, SUITE, KID, baseKey).key);
  const nonce = new Uint8Array(SUITE.nonceBytes);
  return {
    case: name,
    run(times) {
      for (let i = 0; i < times; i++) {
        const cipher = createCipheriv('aes-256-gcm', key, nonce);
        if (aad !== undefined) cipher.setAAD(aad);
        cipher.update(frame);
        cipher.final();
        cipher.getAuthTag();
      }
    },
  };
};

const sealSubject = (name: string, driver: SyncDriver, baseKey: Bytes, frame: Bytes): Subject => {
  const keys = createFrameKeys({ driver });
  must(keys.useOwnKey(NUMBER, baseKey));
  const context = must(keys.newSealingContext(STREAM.source, STREAM.codec));
  return {
    case: name,
    run(times) {
      for (let i = 0; i < times; i++) must(context.seal(frame, false));
    },
  };
};

/** Sealed once, opened by one receiver after another, so that no frame is a replay: a receiver costs about a percent. */
const OPEN_FRAMES = 500;

const openSubject = (name: string, driver: SyncDriver, baseKey: Bytes, frame: Bytes): Subject => {
  const sender = createFrameKeys({ driver: nodeDriver });
  must(sender.useOwnKey(NUMBER, baseKey));
  const context = must(sender.newSealingContext(STREAM.source, STREAM.codec));
  const wires = Array.from({ length: OPEN_FRAMES }, () => must(context.seal(frame, false)).wire);
  return {
    case: name,
    run(times) {
      let receiver = receiverOf(driver, baseKey);
      for (let i = 0; i < times; i++) {
        if (i % OPEN_FRAMES === 0) receiver = receiverOf(driver, baseKey);
        must(receiver.open(wires[i % OPEN_FRAMES] ?? frame, STREAM));
      }
    },
  };
};
const receiverOf = (driver: SyncDriver, baseKey: Bytes) => {
  const receiver = createFrameKeys({ driver });
  must(receiver.addSender(NUMBER, baseKey));
  return receiver;
};

const webSubject = async (name: string, baseKey: Bytes, frame: Bytes): Promise<Subject> => {
  const key = await deriveFrameKeyAsync(webDriver(globalThis.crypto.subtle), SUITE, KID, baseKey);
  const metadata = new Uint8Array(2);
  let ctr = 0n;
  return {
    case: name,
    async run(times) {
      for (let i = 0; i < times; i++)
        await encryptFrameAsync(key, { ctr: ctr++, metadata, plaintext: frame });
    },
  };
};

/** Subjects of one size; each case begins with its label. */
const subjectsOf = async (
  random: Random,
  { label, bytes }: (typeof SIZES)[number],
): Promise<readonly Subject[]> => {
  const frame = deltaFrame(random, bytes);
  const baseKey = random.bytes(SUITE.keyBytes);
  return [
    bareSubject(`${label} bare`, baseKey, frame, undefined),
    bareSubject(`${label} bare again`, baseKey, frame, undefined),
    bareSubject(`${label} bare with AAD`, baseKey, frame, new Uint8Array(AAD_BYTES)),
    sealSubject(`${label} seal`, nodeDriver, baseKey, frame),
    openSubject(`${label} open`, nodeDriver, baseKey, frame),
    await webSubject(`${label} seal, WebCrypto`, baseKey, frame),
    sealSubject(`${label} seal, noble`, nobleDriver, baseKey, frame),
  ];
};

const TIME = { measure: 'time per frame', unit: 'ns' } as const;
const RATIO = { measure: 'ratio to bare within a round', unit: '1' } as const;

type Samples = ReadonlyMap<string, readonly number[]>;

const dividedBy = (samples: readonly number[], basis: readonly number[]): number[] =>
  samples.flatMap((value, round) => {
    const base = basis[round];
    return base === undefined ? [] : [value / base];
  });

/** Times against `bare`, then the spread of the ratio: each round's own. */
const seriesOf = (label: string, samples: Samples): Series[] => {
  const bare = `${label} bare`;
  const basis = samples.get(bare) ?? [];
  const times = [...samples].map(([name, values]) => ({
    ...TIME,
    case: name,
    samples: values,
    ...(name === bare ? {} : { against: bare }),
  }));
  const ratios = [`${label} seal`, `${label} bare again`].map((name) => ({
    ...RATIO,
    case: name,
    samples: dividedBy(samples.get(name) ?? [], basis),
  }));
  return [...times, ...ratios];
};

/** What the project asks of itself; the spread is printed beside it. */
const MAX_SEAL_RATIO = 1.5;
/** Where `bare` differs from itself by more, the machine was too busy for the figures to be quoted. */
const MAX_NOISE = 0.1;

const medianRatio = (series: readonly Series[], name: string): number => {
  const found = series.find((one) => one.measure === RATIO.measure && one.case === name);
  return summarize(found?.samples ?? [])?.p50 ?? Number.NaN;
};

const noteOf = (series: readonly Series[], label: string): string => {
  const ratio = medianRatio(series, `${label} seal`);
  const verdict = ratio <= MAX_SEAL_RATIO ? 'held' : 'MISSED';
  return `${label}: sealing costs ${ratio.toFixed(2)} times bare at p50, at most ${MAX_SEAL_RATIO} wanted: ${verdict}`;
};

const noiseOf = (series: readonly Series[]): string | null => {
  const noisy = SIZES.map(({ label }) => label).filter(
    (label) => !(Math.abs(medianRatio(series, `${label} bare again`) - 1) <= MAX_NOISE),
  );
  if (noisy.length === 0) return null;
  return `bare differed from itself by more than ${100 * MAX_NOISE} % at ${noisy.join(', ')}: the machine was busy`;
};

/** Full: steady to a few hundredths, in a minute. Quick: good for a glance, in some seconds. */
const ROUNDS = { full: { rounds: 300, sampleMs: 4 }, quick: { rounds: 15, sampleMs: 2 } } as const;

const run = async ({ quick, seed }: BenchOptions): Promise<Measured> => {
  const random = seededRandom(seed);
  const series: Series[] = [];
  for (const size of SIZES) {
    const subjects = await subjectsOf(random, size);
    const samples = await interleaved(subjects, { ...(quick ? ROUNDS.quick : ROUNDS.full), random });
    series.push(...seriesOf(size.label, samples));
  }
  const why = noiseOf(series);
  const notes = SIZES.map(({ label }) => noteOf(series, label));
  return { rows: rowsOf(series), valid: why === null, why, notes };
};

export const sframe: Scenario = {
  summary: 'sealing and opening frames of 1, 5 and 30 KB against the bare cipher call',
  run,
};
