import { SequenceCount } from '../measure/sequence.ts';
import type { Counter } from './counted-path.ts';

/** RFC 7983: RTP and RTCP begin with 128 to 191; RFC 5761 section 4: RTCP has 192 to 223 where RTP has its type. */
const isRtp = (datagram: Buffer): boolean => {
  const [first = 0, second = 0] = datagram;
  return first >= 128 && first <= 191 && (second < 192 || second > 223) && datagram.length >= 12;
};

/** Counts the packets of streams that are not opened by two fields of their clear headers, and lets all others pass. */
export class LightCounter implements Counter {
  readonly #counted = new Map<number, SequenceCount>();
  #datagrams = 0;

  takes(datagram: Buffer): boolean {
    if (!isRtp(datagram)) return true;
    this.#datagrams += 1;
    const count = this.#counted.get(datagram.readUInt32BE(8));
    if (count === undefined) return true;
    count.add(datagram.readUInt16BE(2));
    return false;
  }

  /** From now on its packets are counted only; answers where the count stands. */
  countOnly(ssrc: number): SequenceCount {
    const known = this.#counted.get(ssrc);
    if (known !== undefined) return known;
    const count = new SequenceCount();
    this.#counted.set(ssrc, count);
    return count;
  }

  forget(ssrc: number): void {
    this.#counted.delete(ssrc);
  }

  /** RTP packets that arrived, of streams that are opened as well. */
  get datagrams(): number {
    return this.#datagrams;
  }
}
