import type { Bytes } from '../../base/bytes.ts';
import type { Source } from '../../base/media.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import { clearLength, type FrameCodec } from '../../framing/clear.ts';
import { splitKid } from '../../framing/kid.ts';
import type { ExpectedStream, OpenedFrame, OpenRefusal } from '../frame-keys.ts';
import type { SyncDriver } from '../sframe/driver.ts';
import { openSplitFrame } from '../sframe/frame.ts';
import { type SplitFrame, splitFrame } from '../sframe/steps.ts';
import { FrameMetadata } from './metadata.ts';
import type { Sender } from './sender.ts';
import type { Senders } from './senders.ts';

const malformed = refuse('frame.malformed', 'not a sealed frame: no SFrame header after the clear bytes');
const mismatch = refuse('frame.sender-mismatch', 'the key id names another sender than the stream has');
const unknownKey = refuse('frame.unknown-key', 'there is no key for the sender of this frame');
const replayed = refuse('frame.replayed', 'this frame came before, or is older than the replay window');
const notAuthentic = refuse(
  'frame.not-authentic',
  'the frame or its clear bytes were changed, or another key made it',
);

/** A wire frame taken apart: clear bytes, then SFrame header, ciphertext and tag. */
interface WireFrame extends SplitFrame {
  readonly wire: Bytes;
  readonly clearBytes: number;
}

const splitWire = (wire: Bytes, codec: FrameCodec): WireFrame | undefined => {
  const clearBytes = clearLength(codec, wire);
  if (clearBytes === undefined) return undefined;
  const split = splitFrame(wire, clearBytes);
  return split.ok ? { header: split.value.header, sealed: split.value.sealed, wire, clearBytes } : undefined;
};

/**
 * Opens wire frames (RFC 9605 section 4.4.4). The order matters: what is cheap to refuse is refused first, and only a
 * frame whose tag matched changes anything.
 */
export class Opening {
  readonly #driver: SyncDriver;
  readonly #senders: Senders;
  readonly #metadata = new FrameMetadata();

  constructor(driver: SyncDriver, senders: Senders) {
    this.#driver = driver;
    this.#senders = senders;
  }

  open(wire: Bytes, expected: ExpectedStream): Result<OpenedFrame, OpenRefusal> {
    const frame = splitWire(wire, expected.codec);
    if (frame === undefined) return malformed;
    const { context, number } = splitKid(frame.header.kid);
    if (number !== expected.number) return mismatch;
    const sender = this.#senders.get(number);
    if (sender === undefined) return unknownKey;
    if (!sender.history.accepts(context, frame.header.ctr)) return replayed;
    return this.#openFrom(sender, context, frame, expected.source);
  }

  #openFrom(
    sender: Sender,
    context: number,
    frame: WireFrame,
    source: Source,
  ): Result<OpenedFrame, OpenRefusal> {
    const { kid, ctr } = frame.header;
    const key = sender.frameKey(context);
    const metadata = this.#metadata.of(source, frame.wire, frame.clearBytes);
    const plaintext = openSplitFrame(key, frame, metadata);
    if (plaintext === undefined) return notAuthentic;
    sender.opened(context, key, ctr);
    return ok({ frame: this.#withClear(frame, plaintext), kid, ctr });
  }

  #withClear({ wire, clearBytes }: WireFrame, plaintext: Bytes): Bytes {
    if (clearBytes === 0) return plaintext;
    const frame = this.#driver.allocate(clearBytes + plaintext.length);
    for (let i = 0; i < clearBytes; i++) frame[i] = wire[i] ?? 0;
    frame.set(plaintext, clearBytes);
    this.#driver.release(plaintext);
    return frame;
  }
}
