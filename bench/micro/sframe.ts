import { createCipheriv, createSecretKey } from 'node:crypto';
import type { Bytes } from '../../src/base/bytes.ts';
import { BelfryError } from '../../src/base/errors.ts';
import { type Result, refuse } from '../../src/base/result.ts';
import type { FrameKeys } from '../../src/e2ee/frame-keys.ts';
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
import { interleaved, type Samples, type Subject } from '../rounds.ts';
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

/** Few enough to stay in the cache, as a frame that just arrived is. */
const OPEN_FRAMES = 64;

const receiverOf = (driver: SyncDriver, baseKey: Bytes): FrameKeys => {
  const receiver = createFrameKeys({ driver });
  must(receiver.addSender(NUMBER, baseKey));
  return receiver;
};

/**
 * Sealed once, opened by one receiver after another, so that no frame is a replay. Untimed, each receiver is made and
 * opens a first frame: its keys are derived then.
 */
const openSubject = (name: string, driver: SyncDriver, baseKey: Bytes, frame: Bytes): Subject => {
  const sender = createFrameKeys({ driver: nodeDriver });
  must(sender.useOwnKey(NUMBER, baseKey));
  const context = must(sender.newSealingContext(STREAM.source, STREAM.codec));
  const sealNext = () => must(context.seal(frame, false)).wire;
  const first = sealNext();
  const wires = Array.from({ length: OPEN_FRAMES }, sealNext);
  let receivers: readonly FrameKeys[] = [];
  return {
    case: name,
    prepare(times) {
      receivers = Array.from({ length: Math.ceil(times / OPEN_FRAMES) }, () => receiverOf(driver, baseKey));
      for (const receiver of receivers) must(receiver.open(first, STREAM));
    },
    run(times) {
      for (let i = 0; i < times; i++) {
        const receiver = receivers[Math.floor(i / OPEN_FRAMES)];
        must(receiver?.open(wires[i % OPEN_FRAMES] ?? frame, STREAM) ?? missing);
      }
    },
  };
};
const missing = refuse('bug.receiver', 'fewer receivers than frames');

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

interface Material {
  readonly label: string;
  readonly frame: Bytes;
  readonly baseKey: Bytes;
}

/** What the ratio is made of, timed by itself: others would leave their garbage to it. */
const compared = ({ label, frame, baseKey }: Material): Subject[] => [
  bareSubject(`${label} bare`, baseKey, frame, undefined),
  bareSubject(`${label} bare again`, baseKey, frame, undefined),
  bareSubject(`${label} bare with AAD`, baseKey, frame, new Uint8Array(AAD_BYTES)),
  sealSubject(`${label} seal`, nodeDriver, baseKey, frame),
];

/** For information. */
const others = async ({ label, frame, baseKey }: Material): Promise<Subject[]> => [
  openSubject(`${label} open`, nodeDriver, baseKey, frame),
  sealSubject(`${label} seal, noble`, nobleDriver, baseKey, frame),
  await webSubject(`${label} seal, WebCrypto`, baseKey, frame),
];

const CPU = { measure: 'CPU time per frame', unit: 'ns' } as const;
const WALL = { measure: 'time per frame', unit: 'ns' } as const;
const RATIO = { measure: 'CPU time by that of bare, in one round', unit: '1' } as const;

type AllSamples = ReadonlyMap<string, Samples>;

const dividedBy = (samples: readonly number[], basis: readonly number[]): number[] =>
  samples.flatMap((value, round) => {
    const base = basis[round];
    return base === undefined ? [] : [value / base];
  });

/** CPU time and the clock's time against `bare`, then the spread of the ratio: each round's own. */
const seriesOf = (label: string, all: AllSamples): Series[] => {
  const bare = `${label} bare`;
  const against = (name: string) => (name === bare ? {} : { against: bare });
  const times = [...all].flatMap(([name, { wallNs, cpuNs }]) => [
    { ...CPU, case: name, samples: cpuNs, ...against(name) },
    { ...WALL, case: name, samples: wallNs, ...against(name) },
  ]);
  const basis = all.get(bare)?.cpuNs ?? [];
  const ratios = [`${label} seal`, `${label} bare again`].map((name) => ({
    ...RATIO,
    case: name,
    samples: dividedBy(all.get(name)?.cpuNs ?? [], basis),
  }));
  return [...times, ...ratios].toSorted((a, b) => a.measure.localeCompare(b.measure));
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
  return `${label}: sealing costs ${ratio.toFixed(2)} times bare at p50 (CPU time), at most ${MAX_SEAL_RATIO} wanted: ${verdict}`;
};

const noiseOf = (series: readonly Series[]): string | null => {
  const noisy = SIZES.map(({ label }) => label).filter(
    (label) => !(Math.abs(medianRatio(series, `${label} bare again`) - 1) <= MAX_NOISE),
  );
  if (noisy.length === 0) return null;
  return `bare differed from itself by more than ${100 * MAX_NOISE} % at ${noisy.join(', ')}: the machine was busy`;
};

/** Samples of 10 ms hold the collector's work for most of their own garbage. Full: a minute; quick: some seconds. */
const SAMPLE_MS = 10;
const ROUNDS = { full: { compared: 300, others: 60 }, quick: { compared: 40, others: 5 } } as const;

const measureSize = async (
  random: Random,
  rounds: { readonly compared: number; readonly others: number },
  { label, bytes }: (typeof SIZES)[number],
): Promise<readonly Series[]> => {
  const material = { label, frame: deltaFrame(random, bytes), baseKey: random.bytes(SUITE.keyBytes) };
  const options = { sampleMs: SAMPLE_MS, random };
  const first = await interleaved(compared(material), { ...options, rounds: rounds.compared });
  const then = await interleaved(await others(material), { ...options, rounds: rounds.others });
  return seriesOf(label, new Map([...first, ...then]));
};

const run = async ({ quick, seed }: BenchOptions): Promise<Measured> => {
  const random = seededRandom(seed);
  const series: Series[] = [];
  for (const size of SIZES) {
    series.push(...(await measureSize(random, quick ? ROUNDS.quick : ROUNDS.full, size)));
  }
  const why = noiseOf(series);
  const notes = SIZES.map(({ label }) => noteOf(series, label));
  return { rows: rowsOf(series), valid: why === null, why, notes };
};

export const sframe: Scenario = {
  summary: 'sealing and opening frames of 1, 5 and 30 KB against the bare cipher call',
  run,
};
