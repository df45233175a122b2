const LENGTH_BYTES = 2;
/** The relay sends datagrams of up to 1,500 bytes; whoever announces more is not it, and could make us hold 64 KiB. */
const MAX_FRAME_BYTES = 4_096;

/** One datagram behind its length (RFC 4571 section 2). */
export const toFrame = (datagram: Buffer): Buffer => {
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + datagram.length);
  frame.writeUInt16BE(datagram.length);
  datagram.copy(frame, LENGTH_BYTES);
  return frame;
};

/** Takes a TCP stream apart into datagrams. Holds at most one unfinished frame. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** What became whole with `chunk`, empty frames left out; `undefined` where a frame is longer than any may be. */
  push(chunk: Buffer): readonly Buffer[] | undefined {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const datagrams: Buffer[] = [];
    let at = 0;
    while (at + LENGTH_BYTES <= bytes.length) {
      const size = bytes.readUInt16BE(at);
      if (size > MAX_FRAME_BYTES) return undefined;
      const end = at + LENGTH_BYTES + size;
      if (end > bytes.length) break;
      if (size > 0) datagrams.push(bytes.subarray(at + LENGTH_BYTES, end));
      at = end;
    }
    this.#rest = bytes.subarray(at);
    return datagrams;
  }
}
