import { type Bytes, fromBase64Url } from '../../base/bytes.ts';
import { BelfryError } from '../../base/errors.ts';
import { isId, type MeetingId } from '../../base/ids.ts';
import type { KeptList, NewEntries, OneTime, StoredMeeting } from './kept.ts';
import { MAX_CHARTER_BYTES, MAX_SEALED_TITLE_BYTES } from './limits.ts';

/** 128 random bits. */
const MEETING_ID_BYTES = 16;
/** SHA-256. */
const DIGEST_BYTES = 32;

/** Who hands in what was never an id has a bug: what strangers send was judged long before. */
const must = (holds: boolean, what: string): void => {
  if (!holds) throw new BelfryError('store.invalid', `the store is given a wrong ${what}`);
};

const holdsBytes = (text: string, size: number): boolean => fromBase64Url(text)?.length === size;
const isTime = (unixMs: number): boolean => Number.isSafeInteger(unixMs) && unixMs >= 0;
const isSized = ({ length }: Bytes, max: number): boolean => length > 0 && length <= max;

export const checkMeetingId = (id: MeetingId): void => must(holdsBytes(id, MEETING_ID_BYTES), 'meeting id');
export const checkTime = (unixMs: number): void => must(isTime(unixMs), 'time');

export const checkMeeting = ({
  id,
  charter,
  charterDigest,
  sealedTitle,
  createdUnixMs,
}: StoredMeeting): void => {
  checkMeetingId(id);
  must(isSized(charter, MAX_CHARTER_BYTES), 'charter');
  must(holdsBytes(charterDigest, DIGEST_BYTES), 'digest');
  must(sealedTitle === undefined || isSized(sealedTitle, MAX_SEALED_TITLE_BYTES), 'sealed title');
  checkTime(createdUnixMs);
};

/** `last`: the number of the newest that is kept. */
export const checkEntries = ({ n, texts }: NewEntries, last: number): void => {
  must(n === last + 1, 'number of an entry');
  must(texts.length > 0 && texts.every((text) => text.length > 0), 'entry');
};

export const checkOneTime = ({ id, untilUnixMs }: OneTime): void => {
  must(isId(id), 'one-time id');
  checkTime(untilUnixMs);
};

export const checkRoot = (root: string): void => must(holdsBytes(root, DIGEST_BYTES), 'root');

export const checkList = ({ root, number, digest }: KeptList): void => {
  checkRoot(root);
  must(Number.isSafeInteger(number) && number >= 1, 'number of a list');
  must(holdsBytes(digest, DIGEST_BYTES), 'digest');
};
