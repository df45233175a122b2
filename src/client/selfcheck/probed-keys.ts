import type { Bytes } from '../../base/bytes.ts';
import { BelfryError } from '../../base/errors.ts';
import type { ParticipantId } from '../../base/ids.ts';
import type { Source } from '../../base/media.ts';
import { ok, type Result } from '../../base/result.ts';
import type { ExpectedStream, FrameKeys, SealingContext } from '../../e2ee/frame-keys.ts';
import { senderNumberOf } from '../../e2ee/mls/kid.ts';
import type { FrameCodec } from '../../framing/clear.ts';
import { Hoard } from './hoard.ts';
import { type Openers, probeFrame } from './probe-frame.ts';
import type { SealingReport } from './report.ts';

/**
 * One frame of so many per stream is looked at, beside each key frame of video. A look costs about six openings: at 25
 * that is a quarter of an opening per frame, too little to delay sending, and still two looks a second at a sound.
 */
const LOOK_AT_ONE_OF = 25;

export type SealedListener = (wire: Bytes, source: Source, codec: FrameCodec) => void;

/** A key store that looks at what it really seals, on its way to the wire. */
export class ProbedKeys implements FrameKeys {
  readonly #keys: FrameKeys;
  readonly #openers: Openers;
  readonly #faults: Record<string, number> = {};
  /** Base keys of the epochs that are open, for the openers. */
  readonly #epochs = new Map<bigint, Bytes>();
  /** Under which number the openers have the key of an epoch. */
  readonly #numbers = new Map<bigint, number>();
  readonly #hoard: Hoard;
  readonly #taps = new Set<SealedListener>();
  #number = 0;
  #looked = 0;

  /** `makeKeys` makes one store each for the sender, for its key, and for another key. */
  constructor(makeKeys: () => FrameKeys) {
    this.#keys = makeKeys();
    this.#hoard = new Hoard(makeKeys);
    this.#openers = { right: makeKeys(), wrong: makeKeys() };
  }

  /** Hears of every frame that is sealed from now on, until the answer is called. */
  tap(listener: SealedListener): () => void {
    this.#taps.add(listener);
    return () => this.#taps.delete(listener);
  }

  /** Whether any key that a group ever gave to this participant opens it. */
  couldOpen(wire: Bytes, stream: ExpectedStream): boolean {
    return this.#hoard.opens(wire, stream);
  }

  /** Frames looked at, and how many of them had which fault. */
  get findings(): Omit<SealingReport, 'name'> {
    return { looked: this.#looked, faults: this.#faults };
  }

  useOwnKey(number: number, baseKey: Bytes): Result<undefined> {
    const used = this.#keys.useOwnKey(number, baseKey);
    return used.ok ? this.#lookWith(number, baseKey) : used;
  }

  #lookWith(number: number, baseKey: Bytes): Result<undefined> {
    this.#number = number;
    const right = this.#openers.right.addSender(number, baseKey);
    return right.ok ? this.#openers.wrong.addSender(number, otherThan(baseKey)) : right;
  }

  addSender(number: number, baseKey: Bytes): Result<undefined> {
    return this.#keys.addSender(number, baseKey);
  }

  removeSender(number: number): void {
    this.#keys.removeSender(number);
  }

  openUnder(epoch: bigint, baseKey: Bytes, leaves: ReadonlyMap<number, ParticipantId>): void {
    this.#keys.openUnder(epoch, baseKey, leaves);
    this.#epochs.set(epoch, baseKey.slice());
    this.#hoard.keep(epoch, baseKey, leaves);
  }

  sealUnder(epoch: bigint, ownLeaf: number): void {
    this.#keys.sealUnder(epoch, ownLeaf);
    const baseKey = this.#epochs.get(epoch);
    const number = senderNumberOf(ownLeaf, epoch);
    this.#numbers.set(epoch, number);
    const looking = baseKey && this.#lookWith(number, baseKey);
    if (looking?.ok === false) throw BelfryError.from(looking.refusal);
  }

  stopSealing(): void {
    this.#keys.stopSealing();
  }

  forget(epoch: bigint): void {
    this.#keys.forget(epoch);
    this.#epochs.get(epoch)?.fill(0);
    this.#epochs.delete(epoch);
    const number = this.#numbers.get(epoch);
    if (number !== undefined) for (const keys of Object.values(this.#openers)) keys.removeSender(number);
    this.#numbers.delete(epoch);
  }

  open(wire: Bytes, expected: ExpectedStream): ReturnType<FrameKeys['open']> {
    return this.#keys.open(wire, expected);
  }

  newSealingContext(source: Source, codec: FrameCodec): Result<SealingContext> {
    const context = this.#keys.newSealingContext(source, codec);
    if (!context.ok) return context;
    let sealed = 0;
    const seal: SealingContext['seal'] = (frame, keyFrame) => {
      const outcome = context.value.seal(frame, keyFrame);
      // Opus has key frames only: there they are nothing special.
      const isDue = sealed++ % LOOK_AT_ONE_OF === 0 || (keyFrame && codec !== 'opus');
      if (outcome.ok) for (const tap of this.#taps) tap(outcome.value.wire, source, codec);
      if (outcome.ok && isDue) this.#look(frame, outcome.value.wire, source, codec);
      return outcome;
    };
    return ok({ seal });
  }

  #look(frame: Bytes, wire: Bytes, source: Source, codec: FrameCodec): void {
    this.#looked += 1;
    const expected = { number: this.#number, source, codec };
    for (const fault of probeFrame(this.#openers, { frame, wire, expected }))
      this.#faults[fault] = (this.#faults[fault] ?? 0) + 1;
  }
}

/** One bit apart: as near as another key can be. */
const otherThan = (baseKey: Bytes): Bytes => {
  const other = baseKey.slice();
  other[0] = (other[0] ?? 0) ^ 1;
  return other;
};
