import type { Bytes } from '../../base/bytes.ts';
import type { ParticipantId } from '../../base/ids.ts';
import type { ExpectedStream, FrameKeys } from '../../e2ee/frame-keys.ts';

/** What somebody has who wipes nothing: every key that the group ever gave to this participant. */
export class Hoard {
  readonly #makeKeys: () => FrameKeys;
  readonly #epochs: FrameKeys[] = [];

  constructor(makeKeys: () => FrameKeys) {
    this.#makeKeys = makeKeys;
  }

  keep(epoch: bigint, baseKey: Bytes, leaves: ReadonlyMap<number, ParticipantId>): void {
    const keys = this.#makeKeys();
    keys.openUnder(epoch, baseKey.slice(), leaves);
    this.#epochs.push(keys);
  }

  /** By any of them. */
  opens(wire: Bytes, stream: ExpectedStream): boolean {
    return this.#epochs.some((keys) => keys.open(wire, stream).ok);
  }
}
