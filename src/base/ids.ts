declare const brand: unique symbol;

/** A string that only its own maker may mint: ids of different things do not mix. */
export type Branded<Name extends string> = string & { readonly [brand]: Name };

/** People, roles and a lobby (signaling). */
export type MeetingId = Branded<'MeetingId'>;
/** Media (sfu). Today one room per meeting; a meeting may later spread over several. */
export type RoomId = Branded<'RoomId'>;
/** One join of one person. A rejoin is a new participant; a resumed connection is the same one. */
export type ParticipantId = Branded<'ParticipantId'>;
export type SessionId = Branded<'SessionId'>;
export type TransportId = Branded<'TransportId'>;
export type ProducerId = Branded<'ProducerId'>;
export type ConsumerId = Branded<'ConsumerId'>;
export type WorkerId = Branded<'WorkerId'>;

/** Ids on the wire and in URLs: at least 1 and at most 64 characters of the URL-safe base64 alphabet. */
const ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/;

export const isId = (text: string): boolean => ID_PATTERN.test(text);

/** Brands `text` as an id; the caller has minted it or checked it with `isId`. */
export const asId = <Id extends Branded<string>>(text: string): Id => text as Id;
