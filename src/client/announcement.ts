import { toBase64Url } from '../base/bytes.ts';
import type { RandomBytes } from '../base/clock.ts';
import { SENDER_NUMBER_BITS } from '../base/media.ts';
import type { Announcement } from '../signaling/protocol/messages.ts';

/** Public bits that tell two entries of one device apart: 128 random ones do not come twice. */
const SALT_BYTES = 16;

/** By what this client is known in one entry: the next one draws both anew. */
export const drawAnnouncement = (random: RandomBytes): Announcement => {
  const number = drawNumber(random);
  return { salt: toBase64Url(random(SALT_BYTES)), number };
};

const drawNumber = (random: RandomBytes): number => {
  const [a = 0, b = 0, c = 0] = random(3);
  return ((a << 16) | (b << 8) | c) & (2 ** SENDER_NUMBER_BITS - 1);
};
