import { type Bytes, equalBytes } from '../../base/bytes.ts';
import type { ExpectedStream, FrameKeys } from '../../e2ee/frame-keys.ts';
import { clearLength } from '../../framing/clear.ts';
import { parseHeader } from '../../framing/sframe-header.ts';

/** Below this, equal bytes at equal places can be chance; 16 of them are one in 2^128. */
const MIN_RUN_BYTES = 16;
/** The highest bit of a clear byte: VP8's lowest one says how many bytes are clear, which is not what is asked here. */
const FLIPPED_BIT = 0x80;

/** Key stores that only open: one holds the sender's key, one another key under the same number. */
export interface Openers {
  readonly right: FrameKeys;
  readonly wrong: FrameKeys;
}

/** A frame as it was before sealing, and as it leaves. */
export interface SealedSample {
  readonly frame: Bytes;
  readonly wire: Bytes;
  readonly expected: ExpectedStream;
}

/** Places in a wire frame, in bytes. */
interface Layout {
  readonly clearBytes: number;
  readonly sealedAt: number;
  readonly tagAt: number;
}

/**
 * What is wrong with the sealing of one frame; nothing, as a rule. Asked of the very bytes that leave: whether they
 * hide the frame, whether another key is refused, and whether one changed bit is. A frame is to be shown once: the
 * store with the right key takes it for a replay the second time.
 */
export const probeFrame = (openers: Openers, sample: SealedSample): readonly string[] => {
  const layout = layoutOf(sample);
  if (layout === undefined) return ['it has no SFrame header and tag behind its clear bytes'];
  return [
    ...(showsPlaintext(sample, layout) ? ['the plaintext stands in it'] : []),
    ...(refusesWrongKey(openers.wrong, sample) ? [] : ['another key does not refuse it as not authentic']),
    ...rightKeyFaults(openers.right, sample, layout),
  ];
};

/** The first one only: whatever comes after a frame that opened counts as its replay. */
const rightKeyFaults = (right: FrameKeys, sample: SealedSample, layout: Layout): readonly string[] => {
  for (const [place, at] of flippedPlaces(layout))
    if (right.open(flipped(sample.wire, at), sample.expected).ok)
      return [`it opens with a changed bit in its ${place}`];
  return opensTo(right, sample) ? [] : ['the right key does not open it to what was sealed'];
};

const layoutOf = ({ frame, wire, expected }: SealedSample): Layout | undefined => {
  const clearBytes = clearLength(expected.codec, frame);
  if (clearBytes === undefined) return undefined;
  const header = parseHeader(wire, clearBytes);
  if (!header.ok) return undefined;
  const sealedAt = clearBytes + header.value.length;
  const tagAt = sealedAt + frame.length - clearBytes;
  return tagAt < wire.length ? { clearBytes, sealedAt, tagAt } : undefined;
};

/** Frames that are shorter than such a run show none. */
const showsPlaintext = ({ frame, wire }: SealedSample, { clearBytes, sealedAt }: Layout): boolean => {
  let run = 0;
  for (let i = 0; clearBytes + i < frame.length && run < MIN_RUN_BYTES; i++)
    run = frame[clearBytes + i] === wire[sealedAt + i] ? run + 1 : 0;
  return run === MIN_RUN_BYTES;
};

const refusesWrongKey = (wrong: FrameKeys, { wire, expected }: SealedSample): boolean => {
  const opened = wrong.open(wire, expected);
  return !opened.ok && opened.refusal.code === 'frame.not-authentic';
};

/** One place each of what there is: of the clear bytes the last, of the ciphertext the middle, of the tag the last. */
const flippedPlaces = ({ clearBytes, sealedAt, tagAt }: Layout): readonly (readonly [string, number])[] => [
  ...(clearBytes > 0 ? [['clear bytes', clearBytes - 1] as const] : []),
  ...(tagAt > sealedAt ? [['ciphertext', (sealedAt + tagAt) >> 1] as const] : []),
  ['tag', -1] as const,
];

/** A copy; `at` may count from the end. */
const flipped = (wire: Bytes, at: number): Bytes => {
  const copy = wire.slice();
  const index = at < 0 ? wire.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ FLIPPED_BIT;
  return copy;
};

const opensTo = (right: FrameKeys, { frame, wire, expected }: SealedSample): boolean => {
  const opened = right.open(wire, expected);
  return opened.ok && equalBytes(opened.value.frame, frame);
};
