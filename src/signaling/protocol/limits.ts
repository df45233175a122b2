/**
 * Limits of the wire that both ends must know. They are checked before anything is parsed. docs/protocol.md lists them.
 */

/**
 * Client to server, one whole message. The largest honest ones are `receive` with a browser's capabilities, near 12 KiB, and a commit
 * that names a thousand people, 43 KB. Less than what the server may send: much of it is passed on, with something around it.
 */
export const MAX_MESSAGE_BYTES = 49_152;
/** Server to client, one whole message: what is larger comes in parts, or as a blob. A larger one is a bug, and never sent. */
export const MAX_SERVER_MESSAGE_BYTES = 65_536;
/** ws fragments of one message. Browsers send one; each costs the server a buffer and a queue entry. */
export const MAX_FRAGMENTS = 16;
/** Nesting of arrays and objects. Honest messages reach 6; every level costs stack in whatever walks the value later. */
export const MAX_DEPTH = 16;
/** Keys, values and containers of one message together. A browser's capabilities have about 1,500. */
export const MAX_VALUES = 4_096;
/** A client acknowledges after this many unacknowledged messages or this long, whichever comes first. */
export const ACK_AFTER_MESSAGES = 64;
export const ACK_AFTER_MS = 1_000;
