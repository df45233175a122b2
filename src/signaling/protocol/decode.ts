import type { z } from 'zod';
import type { Bytes } from '../../base/bytes.ts';
import { scanJson } from '../../base/json-scan.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import { MAX_DEPTH, MAX_MESSAGE_BYTES, MAX_VALUES } from './limits.ts';
import { ackSchema, type Request, type RequestKind, requestSchemas } from './messages.ts';

export type ClientMessage = Request | z.infer<typeof ackSchema>;

type DecodeCode =
  | 'protocol.too-large'
  | 'protocol.binary'
  | 'protocol.not-utf8'
  | 'protocol.not-json'
  | 'protocol.duplicate-key'
  | 'protocol.forbidden-key'
  | 'protocol.too-deep'
  | 'protocol.too-many-values'
  | 'protocol.unanswerable'
  | 'protocol.unknown-kind'
  | 'protocol.invalid';

/** `id` is there where the refusal can be answered: the last two codes have it, the others close the connection. */
export type DecodeRefusal = Refusal<DecodeCode> & { readonly id?: number };

type Decoded<T> = Result<T, DecodeRefusal>;

/** One whole ws message of a client, checked in this order: bytes, text, shape of the JSON, kind, schema. Never throws. */
export const decode = (bytes: Bytes, binary: boolean): Decoded<ClientMessage> => {
  const text = readText(bytes, binary);
  if (!text.ok) return text;
  const parsed = parseObject(text.value);
  return parsed.ok ? readMessage(parsed.value) : parsed;
};

const readText = (bytes: Bytes, binary: boolean): Decoded<string> => {
  if (bytes.length > MAX_MESSAGE_BYTES)
    return refuse('protocol.too-large', `a message has at most ${MAX_MESSAGE_BYTES} bytes`);
  if (binary) return refuse('protocol.binary', 'messages are text');
  try {
    return ok(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return refuse('protocol.not-utf8', 'messages are UTF-8');
  }
};

type JsonObject = Readonly<Record<string, unknown>>;

const parseObject = (text: string): Decoded<JsonObject> => {
  const fault = scanJson(text, { maxDepth: MAX_DEPTH, maxValues: MAX_VALUES });
  if (fault !== undefined)
    return refuse(`protocol.${fault}`, 'a message is one JSON object within the limits');
  const value = parseJson(text);
  return isObject(value) ? ok(value) : refuse('protocol.not-json', 'a message is one JSON object');
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const readMessage = (value: JsonObject): Decoded<ClientMessage> => {
  if (value.kind === 'ack') return readAck(value);
  const id = value.id;
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 1)
    return refuse('protocol.unanswerable', 'a request has an id: a whole number from 1');
  if (!isRequestKind(value.kind))
    return refuseRequest(id, 'protocol.unknown-kind', 'there is no request of this kind');
  const parsed = requestSchemas[value.kind].safeParse(value);
  return parsed.success ? ok(parsed.data) : refuseRequest(id, 'protocol.invalid', describe(parsed.error));
};

const readAck = (value: JsonObject): Decoded<ClientMessage> => {
  const parsed = ackSchema.safeParse(value);
  return parsed.success
    ? ok(parsed.data)
    : refuse('protocol.unanswerable', 'an ack is not formed as it must be');
};

const isRequestKind = (kind: unknown): kind is RequestKind =>
  typeof kind === 'string' && Object.hasOwn(requestSchemas, kind);

const refuseRequest = (
  id: number,
  code: 'protocol.unknown-kind' | 'protocol.invalid',
  message: string,
): Decoded<never> => ({ ok: false, refusal: { code, message, id } });

/** The place and the sort of the first fault, never anything that the client wrote: it may be a secret. */
const describe = (error: z.ZodError): string => {
  const issue = error.issues[0];
  return issue === undefined ? 'malformed' : `${placeOf(issue.path)}: ${issue.code}`;
};

/** Names below `parameters` are the client's own; all others on a path are the schema's. */
const placeOf = (path: readonly PropertyKey[]): string => {
  const free = path.indexOf('parameters');
  const parts = path.map((part, at) => (free >= 0 && at > free ? '*' : String(part)));
  return parts.length === 0 ? 'message' : parts.join('.');
};
