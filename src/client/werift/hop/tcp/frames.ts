const LENGTH_BYTES = 2;
/** The relay sends datagrams of up to 1,500 bytes; whoever announces more is not it, and could make us hold 64 KiB. */
const MAX_FRAME_BYTES = 4_096;

/** Where the first frame of some bytes lies. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/** `undefined` where too few bytes are there to tell. */
export type Measure = (bytes: Buffer) => Extent | undefined;

/** RFC 4571 section 2: a datagram behind its length. */
export const measureFrame: Measure = (bytes) =>
  bytes.length < LENGTH_BYTES
    ? undefined
    : { start: LENGTH_BYTES, end: LENGTH_BYTES + bytes.readUInt16BE(0) };

/** One datagram behind its length. */
export const toFrame = (datagram: Buffer): Buffer => {
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + datagram.length);
  frame.writeUInt16BE(datagram.length);
  datagram.copy(frame, LENGTH_BYTES);
  return frame;
};

/** Takes a TCP stream apart into datagrams. Holds at most one unfinished frame. */
export class FrameReader {
  readonly #measure: Measure;
  #rest: Buffer = Buffer.alloc(0);

  constructor(measure: Measure = measureFrame) {
    this.#measure = measure;
  }

  /** What became whole with `chunk`, empty frames left out; `undefined` where a frame is longer than any may be. */
  push(chunk: Buffer): readonly Buffer[] | undefined {
    const datagrams: Buffer[] = [];
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (let extent = this.#measure(bytes); extent !== undefined; extent = this.#measure(bytes)) {
      const { start, end } = extent;
      if (end - start > MAX_FRAME_BYTES) return undefined;
      if (end > bytes.length) break;
      if (end > start) datagrams.push(bytes.subarray(start, end));
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
    return datagrams;
  }
}
