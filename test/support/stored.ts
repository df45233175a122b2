import { toBase64Url } from '../../src/base/bytes.ts';
import { asId, type MeetingId } from '../../src/base/ids.ts';
import type { StoredMeeting } from '../../src/signaling/store/kept.ts';
import type { StatementDigest } from '../../src/trust/statement/statement.ts';

/** Sample data for stores: each number below 256 is another. */
export const idOf = (number: number) => asId<MeetingId>(toBase64Url(new Uint8Array(16).fill(number)));
export const digestOf = (number: number) =>
  asId<StatementDigest>(toBase64Url(new Uint8Array(32).fill(number)));
export const meetingOf = (number: number, more: Partial<StoredMeeting> = {}): StoredMeeting => ({
  id: idOf(number),
  charter: new Uint8Array(100).fill(number),
  charterDigest: digestOf(number),
  sealedTitle: Uint8Array.of(number, 0, 255),
  createdUnixMs: 1_000 * number,
  ...more,
});
