import { z } from 'zod';
import type { ParticipantId } from '../../base/ids.ts';
import { idText } from '../../trust/statement/schemas.ts';
import { digestText, envelopeSchema } from '../../trust/statement/statement.ts';

/** Of the people whom one commit adds; the service asks for 64. */
const MAX_ADDED = 128;
/** Of the people whom one commit removes, or who are named as ready at once. */
export const MAX_NAMED = 1_024;
/** Commits that the service keeps for those who missed them, with room. */
const MAX_MISSED = 64;
const MAX_REASON_CHARS = 4_096;
/** A tree of 1024 leaves with X-Wing is 3 MB. */
const MAX_BLOB_BYTES = 4 << 20;
/** 12 bits of a key id name a leaf. */
const MAX_LEAF = 4_095;

/** Cards in one event, 55 KB: a part of what somebody is given who is new. */
export const MAX_CARDS = 48;
/** Sealed by clients, each kind in one size: a card of 816 bytes, a title of 6,192. */
const CARD_CHARS = 1_088;
const TITLE_CHARS = 8_256;

const participant = idText<ParticipantId>();
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const where = { generation: count, epoch: count };

/** Bytes that travel apart from messages, by their SHA-256 in base64url. */
const blob = z.strictObject({ hash: digestText, bytes: z.int().min(1).max(MAX_BLOB_BYTES) });
const ofParticipant = z.strictObject({ participant, blob });
/** A commit, and the epoch that it ended. */
const past = z.strictObject({ epoch: count, commit: blob });
const missed = z.array(past).max(MAX_MISSED);

/** Opens under the hall key of `epoch` alone, which the relay never has. */
const sealedText = (chars: number) => ({
  epoch: count,
  sealed: z
    .string()
    .length(chars)
    .regex(/^[A-Za-z0-9_-]*$/),
});

const variant = <Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) =>
  z.strictObject({ kind: z.literal(kind), ...shape });

/** What a participant says about the meeting's group; epoch and generation are those that it is in. */
export const groupSaid = z.discriminatedUnion('kind', [
  variant('enter', { keyPackage: blob }),
  variant('created', where),
  variant('commit', {
    ...where,
    commit: blob,
    /** One for each participant whom it adds. */
    welcomes: z.array(ofParticipant).max(MAX_ADDED),
    removed: z.array(participant).max(MAX_NAMED),
    /** The whole tree, for those who join by it; absent where nobody does. */
    tree: blob.optional(),
  }),
  variant('working', where),
  variant('adopted', where),
  /** `reason`: a signed statement for the others. */
  variant('reject', { ...where, reason: z.string().max(MAX_REASON_CHARS) }),
  /** The committer was asked to add `participant`, and does not find its key package good. */
  variant('decline', { ...where, participant }),
  /** Another epoch is wanted: in this one the sender can seal nothing any more. */
  variant('renew', where),
  variant('catch-up', where),
  /** Opens frames of the epoch, and seals under it from `leaf` from now on or soon. */
  variant('ready', { ...where, digest: digestText, leaf: z.int().min(0).max(MAX_LEAF) }),
  /** A statement of kind `heartbeat`, for all others. */
  variant('heartbeat', { statement: envelopeSchema }),
  /** What this participant calls itself: the newest is kept for as long as it is there. */
  variant('card', sealedText(CARD_CHARS)),
  /** What the meeting is called, by who leads it: the newest is kept. */
  variant('title', sealedText(TITLE_CHARS)),
]);
export type WireGroupSaid = z.infer<typeof groupSaid>;

/** What the service tells a participant about the meeting's group. */
export const groupHeard = z.discriminatedUnion('kind', [
  variant('ask-create', { generation: count }),
  variant('ask-commit', {
    ...where,
    add: z.array(ofParticipant).max(MAX_ADDED),
    remove: z.array(participant).max(MAX_NAMED),
  }),
  variant('commit', { generation: count, past, by: participant }),
  variant('welcome', { ...where, welcome: blob, tree: blob }),
  /** `commit`: the hash of the one that this answers; absent where it answers `created`. */
  variant('accepted', { epoch: count, commit: digestText.optional() }),
  variant('refused', {
    code: z.string().max(64),
    message: z.string().max(500),
    missed,
    commit: digestText.optional(),
  }),
  /** `head`: the hash of the newest commit; absent where there was none. */
  variant('caught-up', { missed, head: digestText.optional() }),
  variant('rejected', { epoch: count, by: participant, reason: z.string().max(MAX_REASON_CHARS) }),
  variant('reopened', { epoch: count }),
  variant('ready', { ...where, digest: digestText, from: z.array(participant).min(1).max(MAX_NAMED) }),
  variant('heartbeat', { from: participant, statement: envelopeSchema }),
  variant('cards', {
    cards: z.array(z.strictObject({ participant, ...sealedText(CARD_CHARS) })).max(MAX_CARDS),
  }),
  variant('title', sealedText(TITLE_CHARS)),
]);
export type WireGroupHeard = z.infer<typeof groupHeard>;
/** What of it only members can read. */
export type WireHallHeard = Extract<WireGroupHeard, { kind: 'cards' | 'title' }>;
export type WireCard = Extract<WireGroupHeard, { kind: 'cards' }>['cards'][number];
