import { utf8 } from '../../base/bytes.ts';
import { MAX_SERVER_MESSAGE_BYTES } from './limits.ts';

/** For what an envelope writes around a body: numbers, names, and an error's words. */
const AROUND_BYTES = 1_024;
const ROOM_BYTES = MAX_SERVER_MESSAGE_BYTES - AROUND_BYTES;

/** As a message holds it. */
export const writtenBytes = (value: unknown): number => utf8(JSON.stringify(value)).length;

/**
 * Items in parts of which each fits in one message; the first one has `taken` bytes less, and may be empty. An item that is
 * larger than all room is a part by itself.
 */
export const inParts = <T>(
  items: readonly T[],
  bytesOf: (item: T) => number,
  taken = 0,
): readonly (readonly T[])[] => {
  const parts: T[][] = [[]];
  let room = ROOM_BYTES - taken;
  for (const item of items) {
    const bytes = bytesOf(item) + 1;
    if (bytes > room) {
      parts.push([]);
      room = ROOM_BYTES;
    }
    parts.at(-1)?.push(item);
    room -= bytes;
  }
  return parts;
};
