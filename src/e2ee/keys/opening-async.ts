import { type Bytes, concatBytes } from '../../base/bytes.ts';
import { ok, type Result } from '../../base/result.ts';
import type { ExpectedStream, OpenedFrame, OpenRefusal } from '../frame-keys.ts';
import { type AsyncFrameKey, openSplitFrameAsync } from '../sframe/frame-async.ts';
import { type Directory, unknownKey } from './directory.ts';
import { FrameMetadata } from './metadata.ts';
import type { Sender } from './sender.ts';
import { type Candidate, findCandidate, notAuthentic, replayed } from './wire.ts';

export type AsyncSender = Sender<Promise<AsyncFrameKey>>;

/**
 * As `Opening`, where the cipher answers later. Meanwhile another copy of the frame may have been opened, or its sender
 * removed: what was true before is asked again after, in one go with writing it down.
 */
export class AsyncOpening {
  readonly #senders: Directory<AsyncSender>;

  constructor(senders: Directory<AsyncSender>) {
    this.#senders = senders;
  }

  async open(wire: Bytes, expected: ExpectedStream): Promise<Result<OpenedFrame, OpenRefusal>> {
    const candidate = findCandidate(this.#senders, wire, expected);
    return candidate.ok ? this.#openFrom(candidate.value, expected) : candidate;
  }

  async #openFrom(
    candidate: Candidate<AsyncSender>,
    expected: ExpectedStream,
  ): Promise<Result<OpenedFrame, OpenRefusal>> {
    const { sender, context, frame } = candidate;
    // Of its own: another frame comes before this one is done.
    const metadata = new FrameMetadata().of(expected.source, frame.wire, frame.clearBytes);
    const key = sender.frameKey(context);
    const plaintext = await openSplitFrameAsync(await key, frame, metadata);
    if (plaintext === undefined) return notAuthentic;
    return this.#accept(candidate, expected, key, plaintext);
  }

  #accept(
    { sender, context, frame }: Candidate<AsyncSender>,
    expected: ExpectedStream,
    key: Promise<AsyncFrameKey>,
    plaintext: Bytes,
  ): Result<OpenedFrame, OpenRefusal> {
    const { kid, ctr } = frame.header;
    const now = this.#senders.find(sender.base.number, expected);
    if (!now.ok || now.value !== sender) return unknownKey;
    if (!sender.history.accepts(context, ctr)) return replayed;
    sender.opened(context, key, ctr);
    return ok({ frame: concatBytes(frame.wire.subarray(0, frame.clearBytes), plaintext), kid, ctr });
  }
}
