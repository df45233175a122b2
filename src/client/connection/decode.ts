import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import { MAX_SERVER_MESSAGE_BYTES } from '../../signaling/protocol/limits.ts';
import {
  type EventKind,
  eventEnvelope,
  eventSchemas,
  heartbeatSchema,
  type ReplyOf,
  type RequestKind,
  replyEnvelope,
  replySchemas,
  type ServerEvent,
  type WireError,
} from '../../signaling/protocol/messages.ts';

/** One message of the server. A reply's body is checked by `decodeReply`, once its request is known. */
export type ServerMessage =
  | { readonly kind: 'heartbeat' }
  | { readonly kind: 'event'; readonly seq: number; readonly event: ServerEvent }
  | {
      readonly kind: 'reply';
      readonly seq: number;
      readonly re: number;
      readonly outcome: Result<unknown>;
    };

const malformed = (what: string) => refuse('protocol.malformed', `the server sent ${what}`);

/** Refusals: `protocol.too-large`, `protocol.malformed`. Either means that this server cannot be talked to. */
export const decodeMessage = (data: unknown): Result<ServerMessage> => {
  if (typeof data !== 'string') return malformed('something that is not text');
  // Units of UTF-16 are never more than bytes of UTF-8: cheap to count, and checked before parsing.
  if (data.length > MAX_SERVER_MESSAGE_BYTES)
    return refuse('protocol.too-large', `the server sent over ${MAX_SERVER_MESSAGE_BYTES} bytes at once`);
  const json = parseJson(data);
  if (typeof json !== 'object' || json === null) return malformed('text that is not a JSON object');
  if ('re' in json) return decodeReplyEnvelope(json);
  if ('event' in json) return decodeEvent(json);
  return heartbeatSchema.safeParse(json).success
    ? ok({ kind: 'heartbeat' })
    : malformed('a message that belfry.v1 does not know');
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const decodeReplyEnvelope = (json: object): Result<ServerMessage> => {
  const parsed = replyEnvelope.safeParse(json);
  if (!parsed.success) return malformed('a reply of the wrong shape');
  const { seq, re } = parsed.data;
  const outcome: Result<unknown> = parsed.data.ok
    ? ok(parsed.data.body)
    : { ok: false, refusal: toRefusal(parsed.data.error) };
  return ok({ kind: 'reply', seq, re, outcome });
};

const toRefusal = ({ code, message, remedy, reference }: WireError): Refusal => ({
  code,
  message,
  ...(remedy === undefined ? {} : { remedy }),
  ...(reference === undefined ? {} : { reference }),
});

const isEventKind = (kind: string): kind is EventKind => Object.hasOwn(eventSchemas, kind);

const decodeEvent = (json: object): Result<ServerMessage> => {
  const parsed = eventEnvelope.safeParse(json);
  if (!parsed.success || !isEventKind(parsed.data.event.kind))
    return malformed('an event of an unknown kind');
  const event = eventSchemas[parsed.data.event.kind].safeParse(parsed.data.event);
  if (!event.success) return malformed(`a ${parsed.data.event.kind} event of the wrong shape`);
  return ok({ kind: 'event', seq: parsed.data.seq, event: event.data });
};

/** The body of a successful reply to a request of `kind`. Refusal: `protocol.malformed`. */
export const decodeReply = <Kind extends RequestKind>(kind: Kind, body: unknown): Result<ReplyOf<Kind>> => {
  const parsed = replySchemas[kind].safeParse(body);
  // The schema of `kind` makes what `ReplyOf<Kind>` says; the type checker cannot follow the index.
  return parsed.success
    ? ok(parsed.data as ReplyOf<Kind>)
    : malformed(`a reply to ${kind} of the wrong shape`);
};
