import type { Bytes } from '../../base/bytes.ts';
import { ok } from '../../base/result.ts';
import type { EncodedClip } from './clip.ts';
import { readOggPackets } from './ogg.ts';
import { type ClipResult, malformed, unsupported } from './refusal.ts';

const OPUS_CLOCK_RATE = 48_000;
const FRAME_TICKS = 960;
const SILENCE_LEVEL = 127;
/** Ticks of one frame by the upper five bits of a packet's first byte (RFC 6716, table 2). */
const SILK_TICKS = [480, 960, 1920, 2880] as const;
const HYBRID_TICKS = [480, 960] as const;
const CELT_TICKS = [120, 240, 480, 960] as const;

const startsWith = (packet: Bytes | undefined, word: string): boolean =>
  packet !== undefined && String.fromCharCode(...packet.subarray(0, word.length)) === word;

/**
 * An Opus clip of an Ogg file (RFC 7845), one 20 ms frame a packet. `levels`: one RFC 6464 level a frame; frames beyond
 * it count as silence.
 */
export const readOpus = (file: Bytes, levels: Bytes): ClipResult<EncodedClip> => {
  const read = readOggPackets(file);
  if (!read.ok) return read;
  const [head, tags, ...packets] = read.value;
  if (!startsWith(head, 'OpusHead') || !startsWith(tags, 'OpusTags'))
    return malformed('not an Ogg Opus file');
  if (packets.length === 0) return malformed('no audio in it');
  if (!packets.every((packet) => packetTicks(packet) === FRAME_TICKS))
    return unsupported('packets not of 20 ms');
  const frames = packets.map((bytes, at) => ({ bytes, keyFrame: true, level: levels[at] ?? SILENCE_LEVEL }));
  return ok({ codec: 'opus', clockRate: OPUS_CLOCK_RATE, frameTicks: FRAME_TICKS, frames });
};

/** Ticks of a packet of one frame (code 0); `undefined` for several frames in one packet. */
const packetTicks = (packet: Bytes): number | undefined => {
  const toc = packet[0];
  if (toc === undefined || (toc & 3) !== 0) return undefined;
  const config = toc >> 3;
  if (config < 12) return SILK_TICKS[config % 4];
  return config < 16 ? HYBRID_TICKS[config % 2] : CELT_TICKS[config % 4];
};
