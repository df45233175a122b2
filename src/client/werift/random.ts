import { type Bytes, toBase64Url } from '../../base/bytes.ts';
import type { RandomBytes } from '../../base/clock.ts';

/** mediasoup's bandwidth prober takes this SSRC for itself. */
const PROBATOR_SSRC = 1234;

const uint32At = (bytes: Bytes): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);

export const randomUint32 = (randomBytes: RandomBytes): number => uint32At(randomBytes(4));

/** Random, and none of `taken`, which it joins. */
export const newSsrc = (randomBytes: RandomBytes, taken: Set<number>): number => {
  for (;;) {
    const ssrc = randomUint32(randomBytes);
    if (ssrc === 0 || ssrc === PROBATOR_SSRC || taken.has(ssrc)) continue;
    taken.add(ssrc);
    return ssrc;
  }
};

/** 128 bits in the alphabet that RTCP names and MediaStream ids may use. */
export const randomName = (randomBytes: RandomBytes): string => toBase64Url(randomBytes(16));
