import { type Bytes, fromBase64Url, fromBinary } from '../../base/bytes.ts';
import type { Announcement } from '../../signaling/protocol/messages.ts';

/** DER of a certificate that was found good, so that its text is of the one form. */
const derOf = (pem: string): Bytes => fromBinary(atob(pem.replace(/-----[A-Z ]+-----|\n/g, '')));

/**
 * What a leaf shows of its owner: the device's certificate, then the salt of its entry. The device signs both as its leaf,
 * and the same salt as its presence: a device that enters again is another participant, and never taken for the one before.
 */
export const credentialOf = (certificate: string, { salt }: Announcement): readonly [Bytes, Bytes] => [
  derOf(certificate),
  fromBase64Url(salt) ?? new Uint8Array(),
];
