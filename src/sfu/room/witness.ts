import type { Bytes } from '../../base/bytes.ts';
import type { FrameCodec } from '../../framing/clear.ts';
import { splitKid } from '../../framing/kid.ts';
import { readSealedPacket } from '../../framing/sealed-packet.ts';

/**
 * The relay's check without keys, on the first packet of a frame: an SFrame header must stand where the codec's clear
 * bytes end, and the low 20 bits of its key id must be a number of the participant whose stream this is: the one that it
 * entered with, or those of its leaf in the epochs that it may seal under now.
 *
 * What it finds: a client that by mistake sends plaintext (a transform attached late, an encoder not sealed). Most
 * plaintext does parse, as nearly any byte starts a well-formed header; but then bits of the picture or sound stand for
 * the number. Three or more bytes of them match by chance once in 2^20 frames; fewer cannot reach a number of 2^16 or
 * more, which 15 of 16 random numbers are. Numbers of leaf and epoch are small: at worst, below 8, one frame in 16 matches.
 * So plaintext is seen at its first frame or very soon after, where a stream begins with it; one that turns to plaintext
 * later, once the worker shows a frame of it (docs/adr/0046). Hence a wrong number ends a stream as much as a missing
 * header does: the relay cannot tell plaintext from a frame in another's name.
 *
 * What it cannot prove: that the rest is ciphertext, or under which key. A sender who wants to send plaintext with a
 * forged header in front can; receivers who verify drop it.
 *
 * What it must not accuse: packets that begin no frame, padding alone (bandwidth probes), resent and reordered packets.
 * So it keeps no counters per key, and each frame is judged by itself.
 */
export type Verdict = 'sealed' | 'in-clear' | 'wrong-sender' | 'no-frame';

export const judge = (packet: Bytes, codec: FrameCodec, senderNumbers: readonly number[]): Verdict => {
  const seen = readSealedPacket(packet, codec);
  if (seen.kind === 'not-sealed') return 'in-clear';
  if (seen.kind !== 'frame-start') return 'no-frame';
  return senderNumbers.includes(splitKid(seen.kid).number) ? 'sealed' : 'wrong-sender';
};

/** Totals of one room: `framesInClear` and `wrongSender` are part of `framesSeen`. */
export interface WitnessCounts {
  readonly framesSeen: number;
  readonly framesInClear: number;
  readonly wrongSender: number;
}

export const NOTHING_SEEN: WitnessCounts = { framesSeen: 0, framesInClear: 0, wrongSender: 0 };

export const countVerdict = (counts: WitnessCounts, verdict: Verdict): WitnessCounts =>
  verdict === 'no-frame'
    ? counts
    : {
        framesSeen: counts.framesSeen + 1,
        framesInClear: counts.framesInClear + (verdict === 'in-clear' ? 1 : 0),
        wrongSender: counts.wrongSender + (verdict === 'wrong-sender' ? 1 : 0),
      };

export const addCounts = (a: WitnessCounts, b: WitnessCounts): WitnessCounts => ({
  framesSeen: a.framesSeen + b.framesSeen,
  framesInClear: a.framesInClear + b.framesInClear,
  wrongSender: a.wrongSender + b.wrongSender,
});
