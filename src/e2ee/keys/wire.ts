import type { Bytes } from '../../base/bytes.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import { clearLength, type FrameCodec } from '../../framing/clear.ts';
import { splitKid } from '../../framing/kid.ts';
import type { ExpectedStream, OpenRefusal } from '../frame-keys.ts';
import { type SplitFrame, splitFrame } from '../sframe/steps.ts';
import type { Directory } from './directory.ts';
import type { KeyedSender } from './senders.ts';

const malformed = refuse('frame.malformed', 'not a sealed frame: no SFrame header after the clear bytes');
export const replayed = refuse(
  'frame.replayed',
  'this frame came before, or is older than the replay window',
);
export const notAuthentic = refuse(
  'frame.not-authentic',
  'the frame or its clear bytes were changed, or another key made it',
);

/** A wire frame taken apart: clear bytes, then SFrame header, ciphertext and tag. */
export interface WireFrame extends SplitFrame {
  readonly wire: Bytes;
  readonly clearBytes: number;
}

/** A frame that is worth trying a key on. */
export interface Candidate<Sender> {
  readonly sender: Sender;
  readonly context: number;
  readonly frame: WireFrame;
}

const splitWire = (wire: Bytes, codec: FrameCodec): WireFrame | undefined => {
  const clearBytes = clearLength(codec, wire);
  if (clearBytes === undefined) return undefined;
  const split = splitFrame(wire, clearBytes);
  return split.ok ? { header: split.value.header, sealed: split.value.sealed, wire, clearBytes } : undefined;
};

/**
 * All that can be refused without cryptography (RFC 9605 section 4.4.4), the cheapest first. The key comes from the
 * frame's own header and nothing else; the header must name the sender whose stream this is.
 */
export const findCandidate = <Sender extends KeyedSender>(
  senders: Directory<Sender>,
  wire: Bytes,
  expected: ExpectedStream,
): Result<Candidate<Sender>, OpenRefusal> => {
  const frame = splitWire(wire, expected.codec);
  if (frame === undefined) return malformed;
  const { context, number } = splitKid(frame.header.kid);
  const sender = senders.find(number, expected);
  if (!sender.ok) return sender;
  if (!sender.value.history.accepts(context, frame.header.ctr)) return replayed;
  return ok({ sender: sender.value, context, frame });
};
