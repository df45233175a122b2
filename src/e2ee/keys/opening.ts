import { type Bytes, concatBytes } from '../../base/bytes.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import { clearLength } from '../../framing/clear.ts';
import { splitKid } from '../../framing/kid.ts';
import type { ExpectedStream, OpenedFrame, OpenRefusal } from '../frame-keys.ts';
import { openSplitFrame } from '../sframe/frame.ts';
import { type SplitFrame, splitFrame } from '../sframe/steps.ts';
import { frameMetadata } from './metadata.ts';
import type { Senders } from './senders.ts';

const malformed = refuse('frame.malformed', 'not a sealed frame: no SFrame header after the clear bytes');
const mismatch = refuse('frame.sender-mismatch', 'the key id names another sender than the stream has');
const unknownKey = refuse('frame.unknown-key', 'there is no key for the sender of this frame');
const replayed = refuse('frame.replayed', 'this frame came before, or is older than the replay window');
const notAuthentic = refuse(
  'frame.not-authentic',
  'the frame or its clear bytes were changed, or another key made it',
);

/** A wire frame taken apart: clear bytes, SFrame header, ciphertext and tag. */
interface WireFrame extends SplitFrame {
  readonly clear: Bytes;
}

const splitWire = (wire: Bytes, codec: ExpectedStream['codec']): WireFrame | undefined => {
  const clearBytes = clearLength(codec, wire);
  if (clearBytes === undefined) return undefined;
  const split = splitFrame(wire, clearBytes);
  return split.ok ? { ...split.value, clear: wire.subarray(0, clearBytes) } : undefined;
};

/**
 * Opens one wire frame (RFC 9605 section 4.4.4). The order matters: what is cheap to refuse is refused first, and only
 * a frame whose tag matched changes anything.
 */
export const openWire = (
  senders: Senders,
  wire: Bytes,
  expected: ExpectedStream,
): Result<OpenedFrame, OpenRefusal> => {
  const frame = splitWire(wire, expected.codec);
  if (frame === undefined) return malformed;
  if (splitKid(frame.header.kid).number !== expected.number) return mismatch;
  return openFrom(senders, frame, expected);
};

const openFrom = (
  senders: Senders,
  frame: WireFrame,
  { number, source }: ExpectedStream,
): Result<OpenedFrame, OpenRefusal> => {
  const sender = senders.get(number);
  if (sender === undefined) return unknownKey;
  const { kid, ctr } = frame.header;
  const { context } = splitKid(kid);
  if (!sender.history.accepts(context, ctr)) return replayed;
  const key = sender.frameKey(context);
  const plaintext = openSplitFrame(key, frame, frameMetadata(source, frame.clear));
  if (plaintext === undefined) return notAuthentic;
  sender.opened(context, key, ctr);
  return ok({ frame: frame.clear.length === 0 ? plaintext : concatBytes(frame.clear, plaintext), kid, ctr });
};
