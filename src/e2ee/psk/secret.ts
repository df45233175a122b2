import type { RandomBytes } from '../../base/clock.ts';

/** As long as the strongest suite's key: shorter would be its weakest part. */
export const MEETING_SECRET_BYTES = 32;

/** A secret for one meeting. It travels in the URL's fragment only, never to the relay. */
export const newMeetingSecret = (random: RandomBytes): Uint8Array<ArrayBuffer> =>
  random(MEETING_SECRET_BYTES);
