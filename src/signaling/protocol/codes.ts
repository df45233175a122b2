/**
 * Every code with which the server says no, and what follows. docs/protocol.md has the same tables for people.
 * Clients branch on codes, never on message texts.
 */

/** The request is answered with the code; the session goes on. */
export const ANSWER_CODES = {
  'protocol.unknown-kind': 'The protocol has no request of this kind.',
  'protocol.invalid': 'The request is not formed as its kind demands; the message names the place.',
  'request.stale-id': 'The id is below one already used, and its reply is no longer kept.',
  'request.too-many-pending': 'Too many requests of this session wait for their replies.',
  'order.join-first': 'Only a participant of a meeting may ask this.',
  'order.already-open': 'The session is open: a connection says hello once.',
  'order.entering': 'The session waits for the answer to an earlier request to enter or to convene.',
  'order.already-joined': 'One session joins one meeting, once.',
  'act.refused': 'The meeting’s rules do not allow this order; the message says which.',
  'record.refused':
    'It is not signed by this session’s device, or of no checkpoint that it was told of lately.',
  'group.not-a-member': 'The group does not hold this participant, or not in this epoch.',
  'group.too-often': 'This was said to the group more often than may be.',
  'group.blob-unknown': 'It names a blob that this meeting does not keep, or not with that size.',
  'group.leaf-taken': 'Another participant has this leaf in this epoch, or this one has another leaf.',
  'group.not-a-leader': 'Only the chair, a deputy or the convener says what the meeting is called.',
  'entry.refused': 'Not admitted. The server gives the same answer for every reason.',
  'join.number-taken': 'Another participant uses this sender number: draw another and enter again.',
  'join.full': 'The meeting has as many participants as it may.',
  'media.unavailable': 'The media side did not answer in time or has no living worker.',
  'media.unknown': 'No such transport, producer or consumer of this participant.',
  'media.limit': 'The media side holds as much as it may.',
  'media.gone': 'What was asked about was closed or replaced before it was ready.',
  'media.order': 'The media side was asked in an order that makes no sense.',
  'media.not-granted': 'This participant may not send this source.',
  'media.codec': 'The stream is of a codec, or in a form, that is not forwarded.',
  'media.invalid': 'The media side finds the request malformed; the message says how.',
  'media.already-in': 'The media side has the participant already.',
  'media.number-taken': 'The media side has another participant with this number.',
  'media.refused': 'The media engine says no; the message says why.',
  'internal.error': 'The server failed while it handled the request.',
} as const;
export type AnswerCode = keyof typeof ANSWER_CODES;

/** `kept`: the session may be resumed within its grace. `ends`: the participant has left for the others at once. */
export type SessionFate = 'kept' | 'ends';

interface CloseEntry {
  /** The ws close status. From 4400 the reason text of the close frame is the code. */
  readonly status: number;
  readonly session: SessionFate;
  readonly meaning: string;
}

const closing = <Fate extends SessionFate>(status: number, session: Fate, meaning: string) => ({
  status,
  session,
  meaning,
});

/** The connection is closed with the code. */
export const CLOSE_CODES = {
  'session.left': closing(1000, 'ends', 'The client asked to leave.'),
  'meeting.ended': closing(1000, 'ends', 'The meeting is over; `meeting-ended` said why.'),
  'server.stopping': closing(1001, 'ends', 'The server is shutting down.'),
  'protocol.framing': closing(1002, 'ends', 'The frames break RFC 6455, or are compressed.'),
  'protocol.not-utf8': closing(1007, 'ends', 'A text message is not UTF-8.'),
  'protocol.too-many-fragments': closing(1008, 'ends', 'A message came in too many fragments or scraps.'),
  'protocol.too-large': closing(1009, 'ends', 'A message has too many bytes.'),
  'server.failed': closing(1011, 'ends', 'The server failed while it handled a message.'),
  'protocol.binary': closing(4400, 'ends', 'A binary message: the protocol is text only.'),
  'protocol.not-json': closing(4400, 'ends', 'A message is not one JSON object.'),
  'protocol.duplicate-key': closing(4400, 'ends', 'An object has the same key twice.'),
  'protocol.forbidden-key': closing(4400, 'ends', 'An object has the key __proto__.'),
  'protocol.too-deep': closing(4400, 'ends', 'Arrays and objects are nested too deeply.'),
  'protocol.too-many-values': closing(4400, 'ends', 'A message holds too many keys and values.'),
  'protocol.unanswerable': closing(
    4400,
    'ends',
    'A malformed message that cannot be answered: without an id, or before hello.',
  ),
  'order.hello-first': closing(4401, 'ends', 'The first message of a connection is hello.'),
  'order.hello-late': closing(4402, 'ends', 'No hello came in time.'),
  'order.join-late': closing(4402, 'ends', 'No join succeeded in time.'),
  'hello.version': closing(4403, 'ends', 'The server does not speak this version.'),
  'resume.refused': closing(
    4404,
    'ends',
    'There is no such session to resume, or not with this secret or position.',
  ),
  'entry.over': closing(
    4412,
    'ends',
    'The participant may be in the meeting no longer; the record says why.',
  ),
  'entry.replaced': closing(4413, 'ends', 'Another device of the same person took the place of this one.'),
  'server.full': closing(4405, 'ends', 'The server has as many sessions as it may.'),
  'rate.exceeded': closing(4406, 'ends', 'The client sent more than its rate allows.'),
  'session.outbox-full': closing(4407, 'ends', 'Too much was sent that the client did not acknowledge.'),
  'ack.beyond-sent': closing(4408, 'ends', 'The client acknowledged what was never sent.'),
  'connection.slow-reader': closing(4409, 'kept', 'The client stopped reading, or acknowledging.'),
  'connection.silent': closing(4410, 'kept', 'Nothing was heard of the client.'),
  'connection.superseded': closing(4411, 'kept', 'The session was resumed on another connection.'),
} as const satisfies Record<string, CloseEntry>;
export type CloseCode = keyof typeof CLOSE_CODES;

export const isCloseCode = (code: string): code is CloseCode => Object.hasOwn(CLOSE_CODES, code);

/** Answers to HTTP requests that do not become a socket: status and a JSON body with code and message. */
export const HTTP_CODES = {
  'http.not-found': { status: 404, meaning: 'There is nothing at this path.' },
  'http.bad-upgrade': { status: 400, meaning: 'The request to become a websocket is malformed.' },
  'http.subprotocol': { status: 400, meaning: 'The client does not offer the subprotocol belfry.v1.' },
  'http.origin': { status: 403, meaning: 'The page that asks comes from another origin.' },
  'http.malformed': { status: 400, meaning: 'The body is no request that a device signed.' },
  'http.forbidden': { status: 403, meaning: 'The token does not open this meeting’s blobs.' },
  'http.too-large': { status: 413, meaning: 'The body has too many bytes.' },
  'http.no-room': {
    status: 507,
    meaning: 'This participant, or its meeting, keeps as many blobs as it may.',
  },
  'http.rate': { status: 429, meaning: 'Too much was asked for from this address, or by this participant.' },
  'http.busy': { status: 503, meaning: 'As many requests wait for the authority as may.' },
  'http.full': {
    status: 503,
    meaning: 'The server has as many open sockets as it may, in all or from this address.',
  },
} as const;
export type HttpCode = keyof typeof HTTP_CODES;
