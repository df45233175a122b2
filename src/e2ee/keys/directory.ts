import { ok, type Result, refuse } from '../../base/result.ts';
import type { ExpectedStream, OpenRefusal } from '../frame-keys.ts';
import type { EpochSenders } from './epoch-senders.ts';
import type { KeyedSender, Senders } from './senders.ts';

const mismatch = refuse('frame.sender-mismatch', 'the key id names another sender than the stream has');
export const unknownKey = refuse('frame.unknown-key', 'there is no key for the sender of this frame');

const refusals = {
  open: unknownKey,
  later: refuse('frame.later-epoch', 'this device is not yet in the epoch of this frame'),
  earlier: refuse('frame.earlier-epoch', 'this frame is of an epoch before this device came'),
  forgotten: refuse('frame.forgotten-epoch', 'this device has forgotten the keys of this frame’s epoch'),
} as const;

/** Whose key a frame's number means: the key comes from the frame alone, and must be of whose stream it is. */
export class Directory<Sender extends KeyedSender> {
  readonly #byNumber: Senders<Sender>;
  readonly #byEpoch: EpochSenders<Sender>;

  constructor(byNumber: Senders<Sender>, byEpoch: EpochSenders<Sender>) {
    this.#byNumber = byNumber;
    this.#byEpoch = byEpoch;
  }

  find(number: number, { participant, number: theirs }: ExpectedStream): Result<Sender, OpenRefusal> {
    if (participant === undefined) {
      if (number !== theirs) return mismatch;
      const sender = this.#byNumber.get(number);
      return sender === undefined ? unknownKey : ok(sender);
    }
    const found = this.#byEpoch.find(number);
    if (found === undefined) return refusals[this.#byEpoch.whereIs(number)];
    return found.participant === participant ? ok(found.sender) : mismatch;
  }
}
