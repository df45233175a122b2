import { z } from 'zod';
import type { MeetingId } from '../../base/ids.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import { type Heads, headSchema, judgeSeen } from '../acts/head.ts';
import type { PersonId } from '../devices/ids.ts';
import { idText, unixMs } from '../statement/schemas.ts';
import { digestText, type StatementKind } from '../statement/statement.ts';

/** Three are missed before anybody is warned; each costs every member one signature to check. */
export const BEAT_EVERY_MS = 3_000;
export const CUT_OFF_AFTER_MS = 10_000;
/**
 * Unheard for so long, a device seals nothing any more. Shorter is less that somebody who was removed meanwhile can hear; but
 * whoever leads and loses the connection is in the group for up to 45 s more (15 until the relay notices, 30 in which to come
 * back), then until a commit, and whoever leads next is heard 3 s later at most: under 57 s, all would fall silent over it.
 */
export const SEALS_UNHEARD_MS = 60_000;
/** What is older when it comes was kept back, as far as clocks of one deployment agree. */
export const BEAT_LIVES_MS = 10_000;
/** How far the sender's clock may be ahead. */
export const BEAT_AHEAD_MS = 5_000;

const schema = z.strictObject({
  meeting: idText<MeetingId>(),
  epoch: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
  /** Of the epoch's code: equal where two devices are in the same epoch of the same group. */
  digest: digestText,
  /** The newest entry of the meeting's chain that its signer has. */
  head: headSchema,
  atUnixMs: unixMs,
});
export type Heartbeat = z.infer<typeof schema>;

/** A device says where it is, and when. Certificate and signature tell whose it is. */
export const HEARTBEAT: StatementKind<Heartbeat> = { kind: 'heartbeat', schema, maxBytes: 512 };

/** Where this device is, and whose word it takes. */
export interface Listener {
  readonly meeting: MeetingId;
  readonly epoch: number;
  readonly digest: string;
  /** Of the chain that this device played. */
  readonly heads: Heads;
  readonly self: PersonId;
  /** Chair and deputies who are there, in the order in which they lead. */
  readonly line: readonly PersonId[];
  /** Of this device's group, whose word is taken where nobody leads. */
  readonly standIns: ReadonlySet<PersonId>;
  readonly nowMs: number;
  readonly nowUnixMs: number;
}

/** Of the last heartbeat that counted; begins when this device enters. Kept over epochs, or a new one each 9 s would hide all. */
export interface Hearing {
  /** When it came. */
  readonly lastAtMs: number;
  /** When it was said: one that was kept back says nothing of the time since. */
  readonly saidAtUnixMs: number;
}

type Now = Pick<Listener, 'nowMs' | 'nowUnixMs'>;

export const hearingFrom = ({ nowMs, nowUnixMs }: Now): Hearing => ({
  lastAtMs: nowMs,
  saidAtUnixMs: nowUnixMs,
});

/** Its signer has what this device was not told, or is further behind than heads are kept. */
type HeadFault = 'heartbeat.other-head' | 'heartbeat.old-head';

export type HeartbeatRefusal = Refusal<
  | 'heartbeat.other-meeting'
  | 'heartbeat.own'
  | 'heartbeat.not-a-leader'
  | 'heartbeat.stale'
  | HeadFault
  | 'heartbeat.other-epoch'
  | 'heartbeat.fork'
>;

/**
 * One leads, the first in line of those who are there: only the chair removes, and only who is first in line takes the chair. All
 * others take the word of that one alone, or two deputies whom a relay keeps apart would vouch for each other. Who leads hears
 * from the next in line, or from anybody where there is none: who is alone with the relay hears from nobody.
 */
export const isHeeded = ({ self, line, standIns }: Listener, by: PersonId): boolean => {
  const [leader] = line;
  if (leader === undefined) return standIns.has(by);
  if (leader !== self) return by === leader;
  return line.length === 1 || line.includes(by);
};

const isFresh = ({ atUnixMs }: Heartbeat, { nowUnixMs }: Listener): boolean =>
  atUnixMs > nowUnixMs - BEAT_LIVES_MS && atUnixMs <= nowUnixMs + BEAT_AHEAD_MS;

/** Whoever is ahead of the signer has that head too. An entry goes to everybody before a beat that names it. */
const headFault = ({ head }: Heartbeat, { heads }: Listener): Refusal<HeadFault> | undefined => {
  const seen = judgeSeen(heads, head);
  if (seen === 'same-chain') return undefined;
  if (seen === 'too-old')
    return refuse('heartbeat.old-head', 'it names an entry from before those kept').refusal;
  return refuse('heartbeat.other-head', 'it names an entry that this device was not told').refusal;
};

/**
 * Of a heartbeat whose signature was found to be `by`'s. `heartbeat.other-head`, `heartbeat.old-head`, `heartbeat.other-epoch` and
 * `heartbeat.fork` come from somebody who counts, now: they say where this device should be.
 */
export const heardFrom = (
  by: PersonId,
  beat: Heartbeat,
  listener: Listener,
): Result<Hearing, HeartbeatRefusal> => {
  if (beat.meeting !== listener.meeting) return refuse('heartbeat.other-meeting', 'it is of another meeting');
  if (by === listener.self) return refuse('heartbeat.own', 'it is this person’s own, sent back');
  if (!isHeeded(listener, by)) return refuse('heartbeat.not-a-leader', 'it is not of the one who leads');
  if (!isFresh(beat, listener)) return refuse('heartbeat.stale', 'it was made some time ago, or not yet');
  const fault = headFault(beat, listener);
  if (fault !== undefined) return { ok: false, refusal: fault };
  if (beat.epoch !== listener.epoch) return refuse('heartbeat.other-epoch', 'it is of another epoch');
  if (beat.digest !== listener.digest)
    return refuse('heartbeat.fork', 'it is of another epoch of the same number');
  return ok({ lastAtMs: listener.nowMs, saidAtUnixMs: Math.min(beat.atUnixMs, listener.nowUnixMs) });
};

/** Without others there is nobody to be cut off from. */
export const mayBeCutOff = ({ lastAtMs }: Hearing, nowMs: number, others: number): boolean =>
  others > 0 && nowMs - lastAtMs >= CUT_OFF_AFTER_MS;

/** By both clocks: one may be set, and the other stands still while a machine sleeps. */
export const isCutOff = ({ lastAtMs, saidAtUnixMs }: Hearing, now: Now, others: number): boolean =>
  others > 0 && Math.max(now.nowMs - lastAtMs, now.nowUnixMs - saidAtUnixMs) >= SEALS_UNHEARD_MS;
