import type { Bytes } from '../../base/bytes.ts';
import { isId, type ParticipantId } from '../../base/ids.ts';
import { MAX_SENDER_NUMBER } from '../../framing/kid.ts';
import { MAX_LEAF } from '../mls/kid.ts';
import { isNumberUpTo, isRecord } from './stream.ts';

/** From the page to the worker. They are handled in the order in which they were sent. */
export type ToWorker =
  | { readonly kind: 'own-key'; readonly number: number; readonly baseKey: Bytes }
  | { readonly kind: 'add-sender'; readonly number: number; readonly baseKey: Bytes }
  | { readonly kind: 'remove-sender'; readonly number: number }
  /** As `EpochKeys`. */
  | {
      readonly kind: 'open-under';
      readonly epoch: bigint;
      readonly baseKey: Bytes;
      readonly leaves: ReadonlyMap<number, ParticipantId>;
    }
  | { readonly kind: 'seal-under'; readonly epoch: bigint; readonly ownLeaf: number }
  | { readonly kind: 'stop-sealing' }
  | { readonly kind: 'forget-epoch'; readonly epoch: bigint }
  /** The stream is over: what becomes of its pipe is of no interest any more. */
  | { readonly kind: 'forget-stream'; readonly stream: number }
  /** Answered by `counts` with the same `request`. */
  | { readonly kind: 'count'; readonly request: number };

/** Totals of one stream since it was attached. */
export interface StreamCounts {
  readonly stream: number;
  /** Frames sealed (or opened) and passed on. */
  readonly passed: number;
  /** Frames dropped because they could not be. */
  readonly refused: number;
}

/** From the worker to the page. */
export type ToPage =
  /** From here on transforms may be attached. */
  | { readonly kind: 'ready' }
  /** `request` is absent where nobody asked: the worker reports by itself, too. */
  | {
      readonly kind: 'counts';
      readonly request?: number | undefined;
      readonly streams: readonly StreamCounts[];
    }
  /** A frame was dropped. Once per stream and code at once, then once per report that saw more of them. */
  | { readonly kind: 'refused'; readonly stream: number; readonly code: string }
  /** A stream is broken and lets nothing through any more; without `stream` it is the worker that is broken. */
  | {
      readonly kind: 'fault';
      readonly stream?: number | undefined;
      readonly code: string;
      readonly message: string;
    };

const MAX_BASE_KEY_BYTES = 64;
const MIN_BASE_KEY_BYTES = 16;
const MAX_TEXT_LENGTH = 1024;
const LARGEST = Number.MAX_SAFE_INTEGER;

type Fields = Readonly<Record<string, unknown>>;
type Readers<Message extends { readonly kind: string }> = {
  readonly [Kind in Message['kind']]: (
    fields: Fields,
  ) => Extract<Message, { readonly kind: Kind }> | undefined;
};

const isSender = (value: unknown): value is number => isNumberUpTo(value, MAX_SENDER_NUMBER);
const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_TEXT_LENGTH;
const isIndex = (value: unknown): value is number => isNumberUpTo(value, LARGEST);
const isBaseKey = (value: unknown): value is Bytes =>
  value instanceof Uint8Array && value.length >= MIN_BASE_KEY_BYTES && value.length <= MAX_BASE_KEY_BYTES;

const isEpoch = (value: unknown): value is bigint => typeof value === 'bigint' && value >= 0n;
const isLeaf = (value: unknown): value is number => isNumberUpTo(value, MAX_LEAF);
const areLeaves = (value: unknown): value is ReadonlyMap<number, ParticipantId> =>
  value instanceof Map &&
  value.size <= MAX_LEAF &&
  [...value].every(([leaf, id]) => isLeaf(leaf) && typeof id === 'string' && isId(id));

const TO_WORKER: Readers<ToWorker> = {
  'own-key': ({ number, baseKey }) =>
    isSender(number) && isBaseKey(baseKey) ? { kind: 'own-key', number, baseKey } : undefined,
  'add-sender': ({ number, baseKey }) =>
    isSender(number) && isBaseKey(baseKey) ? { kind: 'add-sender', number, baseKey } : undefined,
  'remove-sender': ({ number }) => (isSender(number) ? { kind: 'remove-sender', number } : undefined),
  'open-under': ({ epoch, baseKey, leaves }) =>
    isEpoch(epoch) && isBaseKey(baseKey) && areLeaves(leaves)
      ? { kind: 'open-under', epoch, baseKey, leaves }
      : undefined,
  'seal-under': ({ epoch, ownLeaf }) =>
    isEpoch(epoch) && isLeaf(ownLeaf) ? { kind: 'seal-under', epoch, ownLeaf } : undefined,
  'stop-sealing': () => ({ kind: 'stop-sealing' }),
  'forget-epoch': ({ epoch }) => (isEpoch(epoch) ? { kind: 'forget-epoch', epoch } : undefined),
  'forget-stream': ({ stream }) => (isIndex(stream) ? { kind: 'forget-stream', stream } : undefined),
  count: ({ request }) => (isIndex(request) ? { kind: 'count', request } : undefined),
};

const isCounts = (value: unknown): value is StreamCounts =>
  isRecord(value) && isIndex(value.stream) && isIndex(value.passed) && isIndex(value.refused);

const TO_PAGE: Readers<ToPage> = {
  ready: () => ({ kind: 'ready' }),
  counts: ({ request, streams }) =>
    Array.isArray(streams) && streams.every(isCounts) && (request === undefined || isIndex(request))
      ? { kind: 'counts', request, streams }
      : undefined,
  refused: ({ stream, code }) =>
    isIndex(stream) && isText(code) ? { kind: 'refused', stream, code } : undefined,
  fault: ({ stream, code, message }) =>
    (stream === undefined || isIndex(stream)) && isText(code) && isText(message)
      ? { kind: 'fault', stream, code, message }
      : undefined,
};

const read = <Message extends { readonly kind: string }>(
  readers: Readers<Message>,
  data: unknown,
): Message | undefined => {
  if (!isRecord(data) || typeof data.kind !== 'string' || !Object.hasOwn(readers, data.kind))
    return undefined;
  // Sound: `kind` is a key of the table, which holds for each kind the reader of that kind.
  return readers[data.kind as Message['kind']](data);
};

/** The message, or `undefined` where it is none. */
export const readToWorker = (data: unknown): ToWorker | undefined => read<ToWorker>(TO_WORKER, data);
export const readToPage = (data: unknown): ToPage | undefined => read<ToPage>(TO_PAGE, data);

/** A text that fits into a message. */
export const shortText = (text: string): string => text.slice(0, MAX_TEXT_LENGTH);
