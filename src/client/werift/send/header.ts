import { RtpHeader } from 'werift';
import type { ExtensionIds } from '../negotiate/extensions.ts';
import { toUint16 } from '../rtp/sequence.ts';

/** Absolute send time: 6.18 fixed point seconds, 24 bits (draft-alvestrand-rmcat-remb-03, appendix). */
const ABS_SEND_TIME_PER_MS = 2 ** 18 / 1000;
/** RFC 6464: the top bit says that there is voice. Quieter than this is taken for none. */
const VOICE_LEVEL = 60;

export interface PacketFields {
  readonly ssrc: number;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly level?: number | undefined;
}

/** Writes RTP headers for one transport, whose packets share one run of transport-wide sequence numbers. */
export class HeaderWriter {
  readonly #nowMs: () => number;
  #transportSequence = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  write(fields: PacketFields, ids: ExtensionIds, mid: Buffer): RtpHeader {
    const { ssrc, payloadType, sequence, timestamp, marker } = fields;
    const header = new RtpHeader({ ssrc, payloadType, marker, sequenceNumber: sequence, timestamp });
    const add = (id: number | undefined, payload: () => Buffer) =>
      id === undefined ? [] : { id, payload: payload() };
    header.extensions = [
      ...[add(ids.mid, () => mid)].flat(),
      ...[add(ids.transportSequence, () => this.#nextTransportSequence())].flat(),
      ...[add(ids.absSendTime, () => absSendTime(this.#nowMs()))].flat(),
      ...[
        add(fields.level === undefined ? undefined : ids.audioLevel, () => levelBytes(fields.level)),
      ].flat(),
    ];
    header.extension = header.extensions.length > 0;
    return header;
  }

  #nextTransportSequence(): Buffer {
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16BE(this.#transportSequence);
    this.#transportSequence = toUint16(this.#transportSequence + 1);
    return bytes;
  }
}

const absSendTime = (nowMs: number): Buffer => {
  const bytes = Buffer.alloc(3);
  bytes.writeUIntBE(Math.round(nowMs * ABS_SEND_TIME_PER_MS) & 0xff_ffff, 0, 3);
  return bytes;
};

const levelBytes = (level = 127): Buffer => Buffer.from([(level < VOICE_LEVEL ? 0x80 : 0) | level]);
