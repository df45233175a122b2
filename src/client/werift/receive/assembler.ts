import { parseVp8 } from '../rtp/vp8.ts';

/** Ten times a large key frame; a stream of packets without an end must not fill memory. */
const MAX_FRAME_BYTES = 1024 * 1024;

export interface MediaPacket {
  readonly payload: Buffer;
  readonly timestamp: number;
  readonly marker: boolean;
}

export interface WholeFrame {
  readonly wire: Buffer;
  readonly timestamp: number;
}

export interface Assembler {
  /** Takes packets in order of sequence; gives the frame that this packet completes. */
  add(packet: MediaPacket, afterGap: boolean): WholeFrame | undefined;
  /** Frames that were begun and given up. */
  readonly broken: number;
}

/** One packet is one frame (RFC 7587 section 4.2). */
export const opusAssembler = (): Assembler => ({
  broken: 0,
  add: ({ payload, timestamp }) => (payload.length === 0 ? undefined : { wire: payload, timestamp }),
});

/** From start bit to marker (RFC 7741 section 4). A frame with a hole is given up: it could not be opened. */
export class Vp8Assembler implements Assembler {
  broken = 0;
  #parts: Buffer[] | undefined;
  #bytes = 0;

  add({ payload, timestamp, marker }: MediaPacket, afterGap: boolean): WholeFrame | undefined {
    if (afterGap) this.#giveUp();
    if (payload.length === 0) return undefined;
    const fragment = parseVp8(payload);
    if (fragment?.startsFrame) this.#begin();
    if (fragment === undefined || this.#bytes + fragment.bytes.length > MAX_FRAME_BYTES) this.#giveUp();
    else if (this.#parts !== undefined) this.#append(fragment.bytes);
    return marker ? this.#end(timestamp) : undefined;
  }

  #begin(): void {
    this.#giveUp();
    this.#parts = [];
  }

  #append(bytes: Buffer): void {
    this.#parts?.push(bytes);
    this.#bytes += bytes.length;
  }

  #end(timestamp: number): WholeFrame | undefined {
    const parts = this.#parts;
    this.#parts = undefined;
    this.#bytes = 0;
    if (parts === undefined) return undefined;
    return { wire: parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts), timestamp };
  }

  #giveUp(): void {
    if (this.#parts !== undefined) this.broken++;
    this.#parts = undefined;
    this.#bytes = 0;
  }
}
