/**
 * Limits of the wire that both ends must know. They are checked before anything is parsed. docs/protocol.md lists them.
 */

/** Client to server, one whole message. The largest honest one, `receive` with a browser's capabilities, is near 12 KiB. */
export const MAX_MESSAGE_BYTES = 65_536;
/**
 * Server to client. The reply to an entry with a roster of 500 is near 1.7 MB, half of it certificates; a meeting whose members
 * have each other's credentials from its group will need a tenth of that.
 */
export const MAX_SERVER_MESSAGE_BYTES = 2_097_152;
/** ws fragments of one message. Browsers send one; each costs the server a buffer and a queue entry. */
export const MAX_FRAGMENTS = 16;
/** Nesting of arrays and objects. Honest messages reach 6; every level costs stack in whatever walks the value later. */
export const MAX_DEPTH = 16;
/** Keys, values and containers of one message together. A browser's capabilities have about 1,500. */
export const MAX_VALUES = 4_096;
/** A client acknowledges after this many unacknowledged messages or this long, whichever comes first. */
export const ACK_AFTER_MESSAGES = 64;
export const ACK_AFTER_MS = 1_000;
