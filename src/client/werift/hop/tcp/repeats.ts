const HANDSHAKE = 22;
/** Record header (13 bytes) and handshake header up to the fragment's offset (RFC 6347 sections 4.1 and 4.2.2). */
const HEADERS_BYTES = 22;
/** The relay's one flight before encryption takes two or three datagrams. */
const MAX_KNOWN = 64;

/**
 * Knows the relay's unencrypted handshake datagrams again. DTLS repeats a flight that is answered late; over TCP the first
 * has always arrived, and repeats come in a heap when this process stood still. werift would begin its answer anew at
 * each, with other keys, and the relay would end the association.
 */
export class Repeats {
  readonly #known = new Set<string>();

  isRepeat(datagram: Buffer): boolean {
    const isOpenHandshake =
      datagram[0] === HANDSHAKE && datagram.length >= HEADERS_BYTES && datagram.readUInt16BE(3) === 0;
    if (!isOpenHandshake) return false;
    const place = datagram.toString('hex', 17, HEADERS_BYTES);
    if (this.#known.has(place)) return true;
    if (this.#known.size < MAX_KNOWN) this.#known.add(place);
    return false;
  }
}
