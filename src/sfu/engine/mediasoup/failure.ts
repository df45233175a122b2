import { errors } from 'mediasoup';
import { messageOf } from '../../../base/errors.ts';
import { refuse } from '../../../base/result.ts';
import type { Outcome } from './verb-queue.ts';

/** Longer reasons of mediasoup's hold values, not reasons. */
const MAX_REASON_LENGTH = 200;

/** What mediasoup threw, as a refusal: its worker is gone, the thing is gone, or it says no. */
export function refusalOf(thrown: unknown): Outcome {
  if (thrown instanceof errors.WorkerClosedError) return refuse('media.unavailable', 'the media worker died');
  if (thrown instanceof errors.NotFoundError)
    return refuse('media.unknown', 'there is no such thing any more');
  return refuse('media.refused', reasonOf(messageOf(thrown)));
}

/** mediasoup puts ids, addresses and numbers in brackets; they are not for the participant who is refused. */
export function reasonOf(message: string): string {
  return message
    .replaceAll(/\s*\[[^\]]*\]?/g, '')
    .replaceAll(/"[^"]*"/g, '…')
    .slice(0, MAX_REASON_LENGTH);
}
