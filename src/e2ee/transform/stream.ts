import { asId, isId, type ParticipantId } from '../../base/ids.ts';
import { mediaKindOf, SOURCES, type Source } from '../../base/media.ts';
import { FRAME_CODECS, type FrameCodec } from '../../framing/clear.ts';
import { MAX_SENDER_NUMBER } from '../../framing/kid.ts';
import type { StreamSender } from '../frame-keys.ts';

/** What one transform does, as the page says when it attaches it. `id` is the page's, and never given twice. */
export type StreamOptions = OutgoingOptions | IncomingOptions;

interface StreamShape {
  readonly id: number;
  readonly source: Source;
  readonly codec: FrameCodec;
}
export interface OutgoingOptions extends StreamShape {
  readonly direction: 'send';
}
/** Whose frames these are is by the roster that the page verified. */
export type IncomingOptions = StreamShape & StreamSender & { readonly direction: 'receive' };

/** An encoded frame as browsers hand it to a transform: of both kinds, the part that is used. */
export interface EncodedFrame {
  data: ArrayBuffer;
  /** Of video alone. */
  readonly type?: string;
  getMetadata(): { readonly synchronizationSource?: number };
}

/** Changes a frame in place; `false`: it is dropped, and goes no further. A throw ends its stream. */
export type FrameTransform = (frame: EncodedFrame) => Promise<boolean>;

export const isNumberUpTo = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isOneOf = <T extends string>(words: readonly T[], value: unknown): value is T =>
  words.some((word) => word === value);

/** The options that a page gave, or `undefined` where they are not that: then nothing is let through. */
export const readStreamOptions = (value: unknown): StreamOptions | undefined => {
  if (!isRecord(value)) return undefined;
  const { id, source, codec, direction } = value;
  if (!isNumberUpTo(id, Number.MAX_SAFE_INTEGER) || !isOneOf(SOURCES, source)) return undefined;
  if (!isOneOf(FRAME_CODECS, codec) || (codec === 'opus') !== (mediaKindOf(source) === 'audio'))
    return undefined;
  if (direction === 'send') return { id, source, codec, direction };
  const sender = direction === 'receive' ? readSender(value) : undefined;
  return sender && { id, source, codec, direction: 'receive', ...sender };
};

const readSender = ({ number, participant }: Readonly<Record<string, unknown>>): StreamSender | undefined => {
  if (participant === undefined) return isNumberUpTo(number, MAX_SENDER_NUMBER) ? { number } : undefined;
  const isName = number === undefined && typeof participant === 'string' && isId(participant);
  return isName ? { participant: asId<ParticipantId>(participant) } : undefined;
};
