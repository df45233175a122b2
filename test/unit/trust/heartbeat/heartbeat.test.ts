import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asId, type MeetingId } from '../../../../src/base/ids.ts';
import type { PersonId } from '../../../../src/trust/devices/ids.ts';
import {
  BEAT_AHEAD_MS,
  BEAT_EVERY_MS,
  BEAT_LIVES_MS,
  CUT_OFF_AFTER_MS,
  HEARTBEAT,
  type Heartbeat,
  heardFrom,
  type Listener,
  mayBeCutOff,
} from '../../../../src/trust/heartbeat/heartbeat.ts';

const [chair, deputy, member, other] = ['chair', 'deputy', 'member', 'other'].map((id) =>
  asId<PersonId>(id),
) as [PersonId, PersonId, PersonId, PersonId];
const NOW = 1_700_000_000_000;
const listener: Listener = {
  meeting: asId<MeetingId>('meeting-1'),
  epoch: 7,
  digest: 'd'.repeat(43),
  self: member,
  leaders: new Set([chair, deputy]),
  nowMs: 5_000,
  nowUnixMs: NOW,
};
const beat: Heartbeat = {
  meeting: listener.meeting,
  epoch: 7,
  digest: listener.digest,
  atUnixMs: NOW,
};
const verdict = (by: PersonId, change: Partial<Heartbeat> = {}, to: Partial<Listener> = {}): string => {
  const heard = heardFrom(by, { ...beat, ...change }, { ...listener, ...to });
  return heard.ok ? `heard at ${heard.value.lastAtMs}` : heard.refusal.code;
};

describe('a heartbeat', () => {
  it('counts from chair and deputy, of this epoch, now', () => {
    assert.equal(verdict(chair), 'heard at 5000');
    assert.equal(verdict(deputy), 'heard at 5000');
    assert.equal(verdict(other), 'heartbeat.not-a-leader');
    assert.equal(verdict(chair, {}, { leaders: new Set([deputy]) }), 'heartbeat.not-a-leader');
  });

  it('counts for no other meeting, epoch or group', () => {
    assert.equal(verdict(chair, { meeting: asId<MeetingId>('meeting-2') }), 'heartbeat.other-meeting');
    assert.equal(verdict(chair, { epoch: 6 }), 'heartbeat.other-epoch');
    assert.equal(verdict(chair, { digest: 'e'.repeat(43) }), 'heartbeat.fork');
  });

  it('does not count when it was kept back, or comes from ahead', () => {
    assert.equal(verdict(chair, { atUnixMs: NOW - BEAT_LIVES_MS + 1 }), 'heard at 5000');
    assert.equal(verdict(chair, { atUnixMs: NOW - BEAT_LIVES_MS }), 'heartbeat.stale');
    assert.equal(verdict(chair, { atUnixMs: NOW + BEAT_AHEAD_MS }), 'heard at 5000');
    assert.equal(verdict(chair, { atUnixMs: NOW + BEAT_AHEAD_MS + 1 }), 'heartbeat.stale');
  });

  it('counts for a leader from anybody but the leader', () => {
    assert.equal(verdict(other, {}, { self: chair }), 'heard at 5000');
    assert.equal(verdict(chair, {}, { self: chair }), 'heartbeat.own');
  });

  it('is missed for ten seconds before anybody is told, and never by who is alone', () => {
    assert.ok(3 * BEAT_EVERY_MS < CUT_OFF_AFTER_MS);
    assert.equal(mayBeCutOff({ lastAtMs: 0 }, CUT_OFF_AFTER_MS - 1, 1), false);
    assert.equal(mayBeCutOff({ lastAtMs: 0 }, CUT_OFF_AFTER_MS, 1), true);
    assert.equal(mayBeCutOff({ lastAtMs: 0 }, CUT_OFF_AFTER_MS, 0), false);
  });

  it('holds these fields and no others', () => {
    assert.deepEqual(HEARTBEAT.schema.parse(beat), beat);
    assert.ok(!HEARTBEAT.schema.safeParse({ ...beat, more: 1 }).success);
    assert.ok(!HEARTBEAT.schema.safeParse({ ...beat, digest: 'short' }).success);
  });
});
