import type { Bytes } from '../../base/bytes.ts';
import type { Source } from '../../base/media.ts';
import { ok, type Result } from '../../base/result.ts';
import type { ExpectedStream, OpenedFrame, OpenRefusal } from '../frame-keys.ts';
import type { SyncDriver } from '../sframe/driver.ts';
import { type FrameKey, openSplitFrame } from '../sframe/frame.ts';
import type { Directory } from './directory.ts';
import { FrameMetadata } from './metadata.ts';
import type { Sender } from './sender.ts';
import { type Candidate, findCandidate, notAuthentic, type WireFrame } from './wire.ts';

/**
 * Opens wire frames (RFC 9605 section 4.4.4). The order matters: what is cheap to refuse is refused first, and only a
 * frame whose tag matched changes anything.
 */
export class Opening {
  readonly #driver: SyncDriver;
  readonly #senders: Directory<Sender<FrameKey>>;
  readonly #metadata = new FrameMetadata();

  constructor(driver: SyncDriver, senders: Directory<Sender<FrameKey>>) {
    this.#driver = driver;
    this.#senders = senders;
  }

  open(wire: Bytes, expected: ExpectedStream): Result<OpenedFrame, OpenRefusal> {
    const candidate = findCandidate(this.#senders, wire, expected);
    return candidate.ok ? this.#openFrom(candidate.value, expected.source) : candidate;
  }

  #openFrom(
    { sender, context, frame }: Candidate<Sender<FrameKey>>,
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
