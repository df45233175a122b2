import { z } from 'zod';
import {
  asId,
  type Branded,
  type ConsumerId,
  isId,
  type MeetingId,
  type ParticipantId,
  type ProducerId,
  type SessionId,
  type TransportId,
} from '../../base/ids.ts';
import { SENDER_NUMBER_BITS, SOURCES } from '../../base/media.ts';
import { checkpointSchema } from '../../trust/record/checkpoint.ts';
import { digestText, envelopeSchema } from '../../trust/statement/statement.ts';
import { vouchedSchema } from '../../trust/statement/vouched.ts';
import { groupHeard, groupSaid } from './group-schemas.ts';
import {
  dtlsParameters,
  iceCandidate,
  iceParameters,
  iceServer,
  rtpCapabilities,
  rtpParameters,
} from './rtp-schemas.ts';

/** The ws subprotocol and the version in `hello`. docs/protocol.md says all of this in prose. */
export const SUBPROTOCOL = 'belfry.v1';
export const PROTOCOL_VERSION = 1;

const id = <T extends Branded<string>>() =>
  z
    .string()
    .max(64)
    .refine(isId, 'must be 1 to 64 characters of A-Z a-z 0-9 _ -')
    .transform((text) => asId<T>(text));
const meeting = id<MeetingId>();
const participant = id<ParticipantId>();
const transport = id<TransportId>();
const producer = id<ProducerId>();
const consumer = id<ConsumerId>();
const session = id<SessionId>();
const source = z.enum(SOURCES);
const layer = z.int().min(0).max(7);
const base64Url = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .regex(/^[A-Za-z0-9_-]*$/);

/** By what an entry is known to the others; the device that enters signs for it. */
export const announcement = z.strictObject({
  /** 128 public random bits of this entry. */
  salt: base64Url(22).length(22),
  number: z
    .int()
    .min(0)
    .max(2 ** SENDER_NUMBER_BITS - 1),
});
export type Announcement = z.infer<typeof announcement>;

/** PEM. */
const certificate = z.string().max(4_096);

/** With what a device shows whose it is, what that person may see, and that it holds its key here and now. */
const passport = z.strictObject({
  certificate,
  /** The clearance office's statement. */
  clearance: vouchedSchema,
  /** A statement of kind `possession`, for the challenge of this session. */
  proof: envelopeSchema,
});

/** What everybody checks of everybody: the device signed that this announcement is its own. */
const credentials = z.strictObject({
  certificate,
  clearance: vouchedSchema,
  /** A statement of kind `presence`. */
  presence: envelopeSchema,
});
export type Credentials = z.infer<typeof credentials>;

/** `credentials`: the relay has them of everybody; whom it names without them a client does not believe. */
export const rosterEntry = z.strictObject({
  participant,
  announcement,
  credentials: credentials.optional(),
});
export type RosterEntry = z.infer<typeof rosterEntry>;

/**
 * Every request carries `id`, which rises with every request of a session, and may acknowledge what was received. A
 * request is repeated under its old id: it is executed once, and its kept reply is sent again as it was, `seq` included.
 */
const envelope = { id: z.int().min(1), ack: z.int().min(0).optional() };
const request = <Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) =>
  z.strictObject({ ...envelope, kind: z.literal(kind), ...shape });

/** Client to server. The first message of a connection is `hello`; a fresh session then asks to `convene` or to `enter`. */
export const requestSchemas = {
  hello: request('hello', {
    version: z.int(),
    /**
     * Goes on with a session whose connection was lost; `received` is the last sequence number that arrived. What came
     * after it is replayed first, then this hello is answered. Its id is echoed, and no request id of the session.
     */
    resume: z
      .strictObject({
        session,
        secret: base64Url(64),
        received: z.int().min(0),
        /** Of a session that entered: a statement of kind `possession` whose nonce is the secret. */
        proof: envelopeSchema.optional(),
      })
      .optional(),
  }),
  /** Asks for a nonce to sign. A session has one at a time: the next takes its place. */
  challenge: request('challenge', { meeting, purpose: z.enum(['enter', 'convene']) }),
  /** Opens the meeting of a charter. */
  convene: request('convene', { charter: vouchedSchema, proof: envelopeSchema }),
  /** Into the meeting of a charter, which has to admit whoever the passport is of. */
  enter: request('enter', { meeting, passport, announcement, presence: envelopeSchema }),
  /** An order of this participant's person, for the meeting's chain of entries: a signed statement of kind `act`. */
  act: request('act', { act: vouchedSchema }),
  /** Entries of the chain after number `after`, as many as one reply holds. */
  history: request('history', { after: z.int().min(0) }),
  /** What this participant says about the meeting's group. */
  group: request('group', { said: groupSaid }),
  /** A statement of kind `countersignature`: of a checkpoint that this session was told of. */
  countersign: request('countersign', { countersignature: vouchedSchema }),
  /** Answered, then the session is over and the connection closed with status 1000. */
  leave: request('leave', {}),
  'create-transport': request('create-transport', { direction: z.enum(['send', 'receive']) }),
  'connect-transport': request('connect-transport', { transport, dtlsParameters }),
  'restart-ice': request('restart-ice', { transport }),
  produce: request('produce', { transport, source, rtpParameters, paused: z.boolean() }),
  'pause-producer': request('pause-producer', { producer }),
  'resume-producer': request('resume-producer', { producer }),
  'close-producer': request('close-producer', { producer }),
  receive: request('receive', { transport, rtpCapabilities }),
  'resume-consumer': request('resume-consumer', { consumer }),
  'pause-consumer': request('pause-consumer', { consumer }),
  'prefer-layers': request('prefer-layers', {
    consumer,
    spatialLayer: layer,
    temporalLayer: layer.optional(),
  }),
  'request-key-frame': request('request-key-frame', { consumer }),
} as const;
export type RequestKind = keyof typeof requestSchemas;
export type RequestOf<Kind extends RequestKind> = z.infer<(typeof requestSchemas)[Kind]>;
export type Request = { [Kind in RequestKind]: RequestOf<Kind> }[RequestKind];

/** Not a request, never answered: `received` is the last sequence number that arrived and was handled. */
export const ackSchema = z.strictObject({ kind: z.literal('ack'), ack: z.int().min(0) });

/** Where a chain of entries stands: the number and digest of the newest; number 0 and the charter's digest before the first. */
export const chainHead = z.strictObject({ n: z.int().min(0), digest: digestText });
export type ChainHead = z.infer<typeof chainHead>;
/** An entry's text as the relay wrote it: everybody hashes the same characters. */
const entryText = z.string().max(131_072);

/** What a successful reply carries, by the kind of its request. */
const done = z.strictObject({});
const roster = z.array(rosterEntry).max(2000);
export const replySchemas = {
  hello: z.strictObject({
    session,
    secret: base64Url(64),
    resumed: z.boolean(),
    heartbeatMs: z.int().min(1),
  }),
  challenge: z.strictObject({ nonce: base64Url(43).length(43) }),
  convene: done,
  enter: z.strictObject({
    participant,
    roster,
    rtpCapabilities,
    charter: vouchedSchema,
    /** The chain up to and with this participant's arrival. */
    head: chainHead,
    /** Opens the meeting's blobs to this participant for as long as it is in. */
    blobToken: base64Url(43).length(43).optional(),
    /** The participant of the same person whose place this one took. */
    replaces: participant.optional(),
  }),
  act: z.strictObject({ n: z.int().min(1) }),
  history: z.strictObject({ entries: z.array(entryText).max(4_096), head: chainHead }),
  group: done,
  countersign: done,
  leave: done,
  'create-transport': z.strictObject({
    transport,
    iceParameters,
    iceCandidates: z.array(iceCandidate).max(32),
    dtlsParameters,
    iceServers: z.array(iceServer).min(1).max(4).optional(),
  }),
  'connect-transport': done,
  'restart-ice': z.strictObject({ iceParameters }),
  produce: z.strictObject({ producer }),
  'pause-producer': done,
  'resume-producer': done,
  'close-producer': done,
  receive: done,
  'resume-consumer': done,
  'pause-consumer': done,
  'prefer-layers': done,
  'request-key-frame': done,
} as const satisfies Record<RequestKind, z.ZodType>;
export type ReplyOf<Kind extends RequestKind> = z.infer<(typeof replySchemas)[Kind]>;

export const wireError = z.strictObject({
  code: z.string().max(64),
  message: z.string().max(500),
  remedy: z.string().max(500).optional(),
  reference: z.string().max(16).optional(),
});
export type WireError = z.infer<typeof wireError>;

/** Server to client: sequenced from 1 per session, replies and events alike; `re` names the request answered. */
const sequence = { seq: z.int().min(1) };
export const replyEnvelope = z.discriminatedUnion('ok', [
  z.strictObject({ ...sequence, re: z.int().min(1), ok: z.literal(true), body: z.unknown() }),
  z.strictObject({ ...sequence, re: z.int().min(1), ok: z.literal(false), error: wireError }),
]);

export const eventSchemas = {
  /** Others who are there, and had no room in the reply to `enter`: after it, and before anything else. */
  roster: z.strictObject({ kind: z.literal('roster'), roster }),
  'participant-joined': z.strictObject({ kind: z.literal('participant-joined'), ...rosterEntry.shape }),
  'participant-left': z.strictObject({
    kind: z.literal('participant-left'),
    participant,
    why: z.enum(['left', 'connection-lost', 'removed']),
  }),
  /** The last event of a session; the server closes the connection after it. */
  'meeting-ended': z.strictObject({
    kind: z.literal('meeting-ended'),
    why: z.enum(['ended', 'server-stopping', 'media-lost']),
  }),
  'consumer-added': z.strictObject({
    kind: z.literal('consumer-added'),
    consumer,
    producer,
    participant,
    source,
    rtpParameters,
    producerPaused: z.boolean(),
  }),
  'consumer-removed': z.strictObject({ kind: z.literal('consumer-removed'), consumer }),
  'consumer-paused': z.strictObject({ kind: z.literal('consumer-paused'), consumer }),
  'consumer-resumed': z.strictObject({ kind: z.literal('consumer-resumed'), consumer }),
  'layers-changed': z.strictObject({
    kind: z.literal('layers-changed'),
    consumer,
    spatialLayer: layer.optional(),
    temporalLayer: layer.optional(),
  }),
  'layers-needed': z.strictObject({ kind: z.literal('layers-needed'), producer, spatialLayer: layer }),
  'producer-removed': z.strictObject({
    kind: z.literal('producer-removed'),
    producer,
    why: z.enum(['room-rebuilt', 'in-clear', 'wrong-sender', 'stopped']),
  }),
  /** There is a newer list of revocations than `number - 1`, to be fetched at `/v1/revocation`. */
  'list-published': z.strictObject({ kind: z.literal('list-published'), number: z.int().min(1) }),
  /** The next entry of the meeting's chain. */
  entry: z.strictObject({ kind: z.literal('entry'), entry: entryText }),
  /** Entitled, and before the door: the reply to `enter` comes when the chair lets this session in. */
  waiting: z.strictObject({ kind: z.literal('waiting') }),
  /** Put before the door again: the session may ask to enter anew, and waits. */
  'to-lobby': z.strictObject({ kind: z.literal('to-lobby') }),
  /** To the chair: who waits, and by which signatures. */
  'at-door': z.strictObject({ kind: z.literal('at-door'), announcement, credentials }),
  /** To the newer device, before the older one is told: it takes the place of another device of the same person. */
  replacing: z.strictObject({ kind: z.literal('replacing') }),
  /** The authority left word of which devices this person has, to be asked for at `/v1/enrolment/KEYID/devices`. */
  'own-devices': z.strictObject({ kind: z.literal('own-devices') }),
  /** Another device of the same person takes this one's place; the last event of the session. */
  replaced: z.strictObject({ kind: z.literal('replaced') }),
  /** The relay signed its record up to here: for clients to keep, and to hold against the record later. */
  checkpoint: z.strictObject({ kind: z.literal('checkpoint'), ...checkpointSchema.shape }),
  group: z.strictObject({ kind: z.literal('group'), heard: groupHeard }),
  'media-reset': z.strictObject({ kind: z.literal('media-reset'), rtpCapabilities }),
} as const;
export type EventKind = keyof typeof eventSchemas;
export type ServerEvent = { [Kind in EventKind]: z.infer<(typeof eventSchemas)[Kind]> }[EventKind];

export const eventEnvelope = z.strictObject({
  ...sequence,
  event: z.looseObject({ kind: z.string().max(64) }),
});
/** Unsequenced, every `heartbeatMs`: a client that hears nothing for three of them reconnects. */
export const heartbeatSchema = z.strictObject({ kind: z.literal('heartbeat') });
