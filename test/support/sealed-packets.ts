import { concatBytes } from '../../src/base/bytes.ts';
import { joinKid } from '../../src/framing/kid.ts';
import { encodeHeader } from '../../src/framing/sframe-header.ts';

const RTP_HEADER = Uint8Array.of(0x80, 111, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7);
const CIPHERTEXT = Uint8Array.from({ length: 40 }, (_, i) => (i * 37) & 0xff);

/** A whole RTP packet with one Opus frame that `number` sealed; the ciphertext is made up. */
export const sealedOpusPacket = (number: number, ctr = 5n): Uint8Array<ArrayBuffer> =>
  concatBytes(RTP_HEADER, encodeHeader(joinKid({ context: 3, number }), ctr), CIPHERTEXT);

/** The same with Opus as an encoder gives it (fullband, 20 ms, mono): it parses as a header with KID 7. */
export const plainOpusPacket = (): Uint8Array<ArrayBuffer> =>
  concatBytes(RTP_HEADER, Uint8Array.of(0x78, 0x9a, 0x10), CIPHERTEXT);

/** An RTP packet of padding alone, as bandwidth probes are. */
export const paddingPacket = (): Uint8Array<ArrayBuffer> =>
  concatBytes(Uint8Array.of(0xa0), RTP_HEADER.subarray(1), Uint8Array.of(0, 0, 0, 4));
