import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asId, type MeetingId } from '../../../../src/base/ids.ts';
import { silentAfterMs } from '../../../../src/signaling/delivery/limits.ts';
import { DEFAULT_LIMITS } from '../../../../src/signaling/limits.ts';
import { type Heads, MAX_HEADS, withHead } from '../../../../src/trust/acts/head.ts';
import type { PersonId } from '../../../../src/trust/devices/ids.ts';
import {
  BEAT_AHEAD_MS,
  BEAT_EVERY_MS,
  BEAT_LIVES_MS,
  CUT_OFF_AFTER_MS,
  HEARTBEAT,
  type Heartbeat,
  heardFrom,
  hearingFrom,
  isCutOff,
  type Listener,
  mayBeCutOff,
  SEALS_UNHEARD_MS,
} from '../../../../src/trust/heartbeat/heartbeat.ts';
import type { StatementDigest } from '../../../../src/trust/statement/statement.ts';

const [chair, deputy, second, member, other] = ['chair', 'deputy', 'second', 'member', 'other'].map((id) =>
  asId<PersonId>(id),
) as [PersonId, PersonId, PersonId, PersonId, PersonId];
const NOW = 1_700_000_000_000;
const headAt = (n: number, fork = 'A') => ({
  n,
  digest: asId<StatementDigest>(fork + String(n).padStart(42, '0')),
});
const headsUpTo = (last: number): Heads =>
  Array.from({ length: last + 1 }, (_, n) => headAt(n)).reduce(withHead, [] as Heads);
const listener: Listener = {
  meeting: asId<MeetingId>('meeting-1'),
  epoch: 7,
  digest: 'd'.repeat(43),
  heads: headsUpTo(5),
  self: member,
  line: [chair, deputy, second],
  standIns: new Set([member, other]),
  nowMs: 5_000,
  nowUnixMs: NOW,
};
const beat: Heartbeat = {
  meeting: listener.meeting,
  epoch: 7,
  digest: listener.digest,
  head: headAt(5),
  atUnixMs: NOW,
};
const verdict = (by: PersonId, change: Partial<Heartbeat> = {}, to: Partial<Listener> = {}): string => {
  const heard = heardFrom(by, { ...beat, ...change }, { ...listener, ...to });
  return heard.ok ? `heard at ${heard.value.lastAtMs}` : heard.refusal.code;
};

describe('a heartbeat', () => {
  it('counts from the first in line of those who are there, of this epoch, now', () => {
    assert.equal(verdict(chair), 'heard at 5000');
    for (const by of [deputy, second, other]) assert.equal(verdict(by), 'heartbeat.not-a-leader', by);
    const line = [deputy, second];
    assert.equal(verdict(deputy, {}, { line }), 'heard at 5000');
    for (const by of [chair, second, other])
      assert.equal(verdict(by, {}, { line }), 'heartbeat.not-a-leader', by);
  });

  it('counts from who stands in where nobody leads', () => {
    assert.equal(verdict(other, {}, { line: [] }), 'heard at 5000');
    assert.equal(verdict(second, {}, { line: [] }), 'heartbeat.not-a-leader');
  });

  it('counts for no other meeting, epoch or group', () => {
    assert.equal(verdict(chair, { meeting: asId<MeetingId>('meeting-2') }), 'heartbeat.other-meeting');
    assert.equal(verdict(chair, { epoch: 6 }), 'heartbeat.other-epoch');
    assert.equal(verdict(chair, { digest: 'e'.repeat(43) }), 'heartbeat.fork');
  });

  it('counts where this device has the head that it names, and nowhere else', () => {
    for (const n of [0, 4, 5]) assert.equal(verdict(chair, { head: headAt(n) }), 'heard at 5000', `${n}`);
    assert.equal(verdict(chair, { head: headAt(6) }), 'heartbeat.other-head', 'it was not told');
    for (const n of [4, 5, 6])
      assert.equal(verdict(chair, { head: headAt(n, 'B') }), 'heartbeat.other-head', `${n} of a fork`);
    assert.equal(verdict(chair, { head: { ...headAt(4), n: 5 } }), 'heartbeat.other-head');
  });

  it('does not count from a signer who is further behind than heads are kept', () => {
    const heads = headsUpTo(MAX_HEADS);
    assert.equal(verdict(chair, { head: headAt(1) }, { heads }), 'heard at 5000');
    assert.equal(verdict(chair, { head: headAt(0) }, { heads }), 'heartbeat.old-head');
  });

  it('does not count when it was kept back, or comes from ahead', () => {
    assert.equal(verdict(chair, { atUnixMs: NOW - BEAT_LIVES_MS + 1 }), 'heard at 5000');
    assert.equal(verdict(chair, { atUnixMs: NOW - BEAT_LIVES_MS }), 'heartbeat.stale');
    assert.equal(verdict(chair, { atUnixMs: NOW + BEAT_AHEAD_MS }), 'heard at 5000');
    assert.equal(verdict(chair, { atUnixMs: NOW + BEAT_AHEAD_MS + 1 }), 'heartbeat.stale');
  });

  it('counts for who leads from the others in line, and from anybody where there are none', () => {
    for (const by of [deputy, second]) assert.equal(verdict(by, {}, { self: chair }), 'heard at 5000');
    assert.equal(verdict(other, {}, { self: chair }), 'heartbeat.not-a-leader');
    assert.equal(verdict(other, {}, { self: chair, line: [chair] }), 'heard at 5000');
    assert.equal(verdict(chair, {}, { self: chair }), 'heartbeat.own');
  });

  it('lets two deputies not vouch for each other where the chair is silent', () => {
    assert.equal(verdict(second, {}, { self: deputy }), 'heartbeat.not-a-leader');
    assert.equal(verdict(chair, {}, { self: deputy }), 'heard at 5000');
  });

  it('is missed for ten seconds before anybody is told, and never by who is alone', () => {
    assert.ok(3 * BEAT_EVERY_MS < CUT_OFF_AFTER_MS);
    const hearing = hearingFrom({ nowMs: 0, nowUnixMs: NOW });
    assert.equal(mayBeCutOff(hearing, CUT_OFF_AFTER_MS - 1, 1), false);
    assert.equal(mayBeCutOff(hearing, CUT_OFF_AFTER_MS, 1), true);
    assert.equal(mayBeCutOff(hearing, CUT_OFF_AFTER_MS, 0), false);
  });

  it('is missed for a minute before nothing is sealed, by either clock, and never by who is alone', () => {
    const hearing = hearingFrom({ nowMs: 0, nowUnixMs: NOW });
    const after = (nowMs: number, unixMs = nowMs) => ({ nowMs, nowUnixMs: NOW + unixMs });
    assert.equal(isCutOff(hearing, after(SEALS_UNHEARD_MS - 1), 1), false);
    assert.equal(isCutOff(hearing, after(SEALS_UNHEARD_MS), 1), true);
    assert.equal(isCutOff(hearing, after(SEALS_UNHEARD_MS), 0), false);
    assert.equal(isCutOff(hearing, after(0, SEALS_UNHEARD_MS), 1), true, 'the machine slept');
    assert.equal(isCutOff(hearing, after(SEALS_UNHEARD_MS, 0), 1), true, 'its time was set back');
  });

  it('is as old as it says, however late it comes, and no younger than now', () => {
    const heard = (atUnixMs: number) => {
      const result = heardFrom(chair, { ...beat, atUnixMs }, listener);
      assert.ok(result.ok);
      return result.value.saidAtUnixMs;
    };
    assert.equal(heard(NOW - 9_000), NOW - 9_000);
    assert.equal(heard(NOW + BEAT_AHEAD_MS), NOW);
  });

  it('is waited for longer than it takes until somebody else leads who can be heard', () => {
    const { silentMs, graceMs } = DEFAULT_LIMITS;
    const commitMs = silentAfterMs(DEFAULT_LIMITS.maxParticipants);
    assert.ok(silentMs + graceMs + commitMs + BEAT_EVERY_MS < SEALS_UNHEARD_MS);
  });

  it('fits its bound with the largest numbers there are', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const head = { ...headAt(5), n: most };
    const meeting = asId<MeetingId>('m'.repeat(64));
    const largest = HEARTBEAT.schema.parse({ ...beat, meeting, head, epoch: most, atUnixMs: most });
    assert.ok(JSON.stringify(largest).length <= HEARTBEAT.maxBytes);
  });

  it('holds these fields and no others', () => {
    assert.deepEqual(HEARTBEAT.schema.parse(beat), beat);
    assert.ok(!HEARTBEAT.schema.safeParse({ ...beat, more: 1 }).success);
    assert.ok(!HEARTBEAT.schema.safeParse({ ...beat, digest: 'short' }).success);
    const { head, ...headless } = beat;
    assert.ok(!HEARTBEAT.schema.safeParse(headless).success);
    for (const wrong of [{ ...head, digest: 'short' }, { ...head, n: -1 }, { ...head, n: 2 ** 53 }, { n: 1 }])
      assert.ok(!HEARTBEAT.schema.safeParse({ ...beat, head: wrong }).success);
  });
});
