import { isVp8KeyFrame } from '../../clips/ivf.ts';
import { parseVp8 } from '../rtp/vp8.ts';
import { parseVp9 } from '../rtp/vp9.ts';

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
  /** A decoder may begin with it. */
  readonly isKeyFrame: boolean;
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
  add: ({ payload, timestamp }) =>
    payload.length === 0 ? undefined : { wire: payload, timestamp, isKeyFrame: true },
});

interface Fragment {
  readonly startsFrame: boolean;
  readonly endsFrame: boolean;
  readonly isOfKeyFrame: boolean;
  readonly bytes: Buffer;
}
type Parse = (packet: MediaPacket) => Fragment | undefined;

/** From start bit to marker (RFC 7741 section 4). What kind of frame it is stands in its first byte, which stays clear. */
export const vp8Assembler = (): Assembler =>
  new VideoAssembler(({ payload, marker }) => {
    const fragment = parseVp8(payload);
    return fragment && { ...fragment, endsFrame: marker, isOfKeyFrame: isVp8KeyFrame(fragment.bytes) };
  });

/** From the first to the last packet of one spatial layer's frame (RFC 9628 section 4.2): each is sealed by itself. */
export const vp9Assembler = (): Assembler => new VideoAssembler(({ payload }) => parseVp9(payload));

/** A frame with a hole is given up: it could not be opened. */
class VideoAssembler implements Assembler {
  broken = 0;
  readonly #parse: Parse;
  #parts: Buffer[] | undefined;
  #bytes = 0;
  #isKeyFrame = false;

  constructor(parse: Parse) {
    this.#parse = parse;
  }

  add(packet: MediaPacket, afterGap: boolean): WholeFrame | undefined {
    if (afterGap) this.#giveUp();
    if (packet.payload.length === 0) return undefined;
    const fragment = this.#parse(packet);
    if (fragment?.startsFrame) this.#begin(fragment);
    if (fragment === undefined || this.#bytes + fragment.bytes.length > MAX_FRAME_BYTES) this.#giveUp();
    else if (this.#parts !== undefined) this.#append(fragment.bytes);
    return fragment?.endsFrame || packet.marker ? this.#end(packet.timestamp) : undefined;
  }

  #begin({ isOfKeyFrame }: Fragment): void {
    this.#giveUp();
    this.#parts = [];
    this.#isKeyFrame = isOfKeyFrame;
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
    const wire = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
    return { wire, timestamp, isKeyFrame: this.#isKeyFrame };
  }

  #giveUp(): void {
    if (this.#parts !== undefined) this.broken++;
    this.#parts = undefined;
    this.#bytes = 0;
  }
}
