import { unwrapSequence } from '../rtp/sequence.ts';

/** Between two reports come some dozens of packets; more than this is a jump, and reporting starts anew behind it. */
const MAX_PACKETS_PER_REPORT = 1_000;
const REFERENCE_MS = 64;
const TICK_MS = 0.25;
const SYMBOLS_PER_CHUNK = 7;
const HEADER_BYTES = 20;
const NOT_RECEIVED = 0;
const SMALL_DELTA = 1;
const LARGE_DELTA = 2;
/** The largest 16-bit delta, 8.19 s. */
const MAX_DELTA_TICKS = 0x7fff;

/**
 * Which transport-wide sequence numbers arrived, and when (draft-holmer-rmcat-transport-wide-cc-extensions-01). The
 * relay's bandwidth estimate lives on it: without it its history of sent packets grows.
 */
export class TransportFeedback {
  readonly #arrivals = new Map<number, number>();
  readonly #senderSsrc: number;
  #base: number | undefined;
  #newest = 0;
  #count = 0;

  constructor(senderSsrc: number) {
    this.#senderSsrc = senderSsrc;
  }

  arrived(sequence: number, nowMs: number): void {
    const unwrapped = this.#base === undefined ? sequence : unwrapSequence(sequence, this.#newest);
    if (this.#base === undefined || unwrapped - this.#base >= MAX_PACKETS_PER_REPORT) {
      this.#arrivals.clear();
      this.#base = unwrapped;
    }
    if (unwrapped < this.#base) return;
    this.#newest = Math.max(this.#newest, unwrapped);
    if (!this.#arrivals.has(unwrapped)) this.#arrivals.set(unwrapped, nowMs);
  }

  /** The report on everything since the last one, or `undefined` where nothing arrived. */
  take(): Buffer | undefined {
    if (this.#base === undefined || this.#arrivals.size === 0) return undefined;
    const base = this.#base;
    const times = Array.from({ length: this.#newest - base + 1 }, (_, i) => this.#arrivals.get(base + i));
    this.#arrivals.clear();
    this.#base = this.#newest + 1;
    return transportFeedback(this.#senderSsrc, base, times, this.#count++ & 0xff);
  }
}

/** `times`: arrival of each packet from `base` on, in ms; `undefined` for those that did not arrive. */
export const transportFeedback = (
  senderSsrc: number,
  base: number,
  times: readonly (number | undefined)[],
  count: number,
): Buffer => {
  const reference = Math.floor((times.find((time) => time !== undefined) ?? 0) / REFERENCE_MS);
  const deltas = deltasOf(times, reference * REFERENCE_MS);
  const body = Buffer.concat([chunksOf(deltas), ...deltas.map(deltaBytes)]);
  const size = Math.ceil((HEADER_BYTES + body.length) / 4) * 4;
  const packet = Buffer.alloc(size);
  const padding = size - HEADER_BYTES - body.length;
  packet[0] = padding === 0 ? 0x8f : 0xaf;
  packet[1] = 205;
  packet.writeUInt16BE(size / 4 - 1, 2);
  packet.writeUInt32BE(senderSsrc, 4);
  packet.writeUInt16BE(base & 0xffff, 12);
  packet.writeUInt16BE(times.length, 14);
  packet.writeUIntBE(reference & 0xff_ffff, 16, 3);
  packet[19] = count;
  body.copy(packet, HEADER_BYTES);
  if (padding > 0) packet[size - 1] = padding;
  return packet;
};

/** Ticks of 250 us since the packet before that arrived; rounded so that errors do not add up. */
const deltasOf = (times: readonly (number | undefined)[], originMs: number): (number | undefined)[] => {
  let reachedTicks = 0;
  return times.map((time) => {
    if (time === undefined) return undefined;
    const ticks = Math.round((time - originMs) / TICK_MS) - reachedTicks;
    const delta = Math.min(MAX_DELTA_TICKS, Math.max(-MAX_DELTA_TICKS, ticks));
    reachedTicks += delta;
    return delta;
  });
};

const statusOf = (delta: number | undefined): number => {
  if (delta === undefined) return NOT_RECEIVED;
  return delta >= 0 && delta <= 0xff ? SMALL_DELTA : LARGE_DELTA;
};

/** Status vector chunks with two bits a packet. */
const chunksOf = (deltas: readonly (number | undefined)[]): Buffer => {
  const chunks = Buffer.alloc(2 * Math.ceil(deltas.length / SYMBOLS_PER_CHUNK));
  for (let at = 0; at < deltas.length; at += SYMBOLS_PER_CHUNK) {
    let chunk = 0xc000;
    for (let i = 0; i < SYMBOLS_PER_CHUNK; i++) chunk |= statusOf(deltas[at + i]) << (12 - 2 * i);
    chunks.writeUInt16BE(chunk, 2 * (at / SYMBOLS_PER_CHUNK));
  }
  return chunks;
};

const deltaBytes = (delta: number | undefined): Buffer => {
  const status = statusOf(delta);
  const bytes = Buffer.alloc(status);
  if (status === SMALL_DELTA) bytes[0] = delta ?? 0;
  if (status === LARGE_DELTA) bytes.writeInt16BE(delta ?? 0);
  return bytes;
};
