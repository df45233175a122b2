import { type Bytes, concatBytes } from '../../base/bytes.ts';
import { ok } from '../../base/result.ts';
import {
  type ClipResult,
  MAX_CLIP_BYTES,
  MAX_CLIP_FRAMES,
  malformed,
  tooLarge,
  truncated,
} from './refusal.ts';

const PAGE_HEADER_BYTES = 27;
const CAPTURE_PATTERN = 0x4f676753;
const CRC_AT = 22;
/** No Opus packet is longer: 120 ms at 510 kbit/s (RFC 6716 section 3.4 bounds each of its frames at 1,275 bytes). */
const MAX_PACKET_BYTES = 61_440;

interface Page {
  readonly serial: number;
  readonly lacing: Bytes;
  readonly body: Bytes;
  readonly end: number;
}

/** The packets of the one logical stream of an Ogg file (RFC 3533), checksums verified. */
export const readOggPackets = (file: Bytes): ClipResult<readonly Bytes[]> => {
  if (file.length > MAX_CLIP_BYTES) return tooLarge('more than 16 MiB');
  const packets: Bytes[] = [];
  let open: Bytes = new Uint8Array(0);
  let serial: number | undefined;
  for (let at = 0; at < file.length; ) {
    const page = readPage(file, at);
    if (!page.ok) return page;
    serial ??= page.value.serial;
    if (page.value.serial !== serial) return malformed('an Ogg file of several streams');
    open = takePackets(page.value, open, packets);
    if (open.length > MAX_PACKET_BYTES || packets.length > MAX_CLIP_FRAMES) return tooLarge('too much in it');
    at = page.value.end;
  }
  return open.length === 0 ? ok(packets) : truncated('a packet');
};

const readPage = (file: Bytes, at: number): ClipResult<Page> => {
  if (at + PAGE_HEADER_BYTES > file.length) return truncated('an Ogg page header');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (view.getUint32(at) !== CAPTURE_PATTERN || view.getUint8(at + 4) !== 0) return malformed('no Ogg page');
  const bodyAt = at + PAGE_HEADER_BYTES + view.getUint8(at + 26);
  if (bodyAt > file.length) return truncated('an Ogg page header');
  const lacing = file.subarray(at + PAGE_HEADER_BYTES, bodyAt);
  const end = lacing.reduce((sum, size) => sum + size, bodyAt);
  if (end > file.length) return truncated('an Ogg page');
  if (view.getUint32(at + CRC_AT, true) !== oggCrc(file.subarray(at, end)))
    return malformed('a wrong checksum');
  return ok({ serial: view.getUint32(at + 14, true), lacing, body: file.subarray(bodyAt, end), end });
};

/** Appends the packets that end on this page; what is left open goes on with the next page (RFC 3533 section 5). */
const takePackets = (page: Page, open: Bytes, packets: Bytes[]): Bytes => {
  let from = 0;
  let to = 0;
  let carried = open;
  for (const size of page.lacing) {
    to += size;
    if (size === 255) continue;
    packets.push(concatBytes(carried, page.body.subarray(from, to)));
    carried = new Uint8Array(0);
    from = to;
  }
  return concatBytes(carried, page.body.subarray(from, to));
};

/** CRC-32 of RFC 3533 section 6: polynomial 0x04c11db7, unreflected, the checksum's own field taken as zero. */
const oggCrc = (page: Bytes): number => {
  let crc = 0;
  for (const [at, byte] of page.entries()) {
    crc ^= (at >= CRC_AT && at < CRC_AT + 4 ? 0 : byte) << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000_0000 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  }
  return crc >>> 0;
};
