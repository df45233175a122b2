import type { Clock } from '../../base/clock.ts';
import { ok, refuse } from '../../base/result.ts';
import type { EnrolmentMailbox } from '../../signaling/ports.ts';
import { keyIdsIn, type Mailbox, openMailbox, readFrom, sweepMailbox, watchFor, writeTo } from './folder.ts';

/** Requests that wait for the authority: a ministry that enrols on one morning, and a flood ends here. */
export const MAX_WAITING_REQUESTS = 512;

/** The relay's side: it takes in what devices ask, and gives out what the authority has put there. */
export const relayMailbox = async (
  mailbox: Mailbox,
  clock: Pick<Clock, 'unixMs'>,
): Promise<EnrolmentMailbox> => {
  await openMailbox(mailbox);
  const isFull = async () => (await keyIdsIn(mailbox, 'requests')).length >= MAX_WAITING_REQUESTS;
  return {
    async put(keyId, text) {
      const isKnown = (await readFrom(mailbox, 'requests', keyId)) !== undefined;
      if (!isKnown && (await isFull())) await sweepMailbox(mailbox, 'requests', clock.unixMs());
      if (!isKnown && (await isFull())) return refuse('enrolment.full', 'as many requests wait as may');
      await writeTo(mailbox, 'requests', keyId, text);
      return ok(undefined);
    },
    answerTo: async (keyId) => (await readFrom(mailbox, 'answers', keyId))?.text,
    toldTo: async (keyId) => (await readFrom(mailbox, 'devices', keyId))?.text,
    onTold: (listener) => watchFor(mailbox, 'devices', listener),
  };
};
