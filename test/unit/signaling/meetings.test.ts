import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asId, type MeetingId, type ParticipantId, type SessionId } from '../../../src/base/ids.ts';
import { ok } from '../../../src/base/result.ts';
import type { Effect } from '../../../src/signaling/meeting/effects.ts';
import { Meetings } from '../../../src/signaling/meetings.ts';
import { enterOf, VOUCHED } from '../../support/hollow-entry.ts';

const ID = asId<MeetingId>('m');
const LIMITS = { maxMeetings: 2, maxParticipants: 5 };

const enterAs = (meetings: Meetings, name: string, number: number): void => {
  const from = { session: asId<SessionId>(name), participant: asId<ParticipantId>(name) };
  meetings.feed(ID, { kind: 'request', from, request: { ...enterOf(number), meeting: ID } });
  const result = ok({ codecs: [], headerExtensions: [] });
  meetings.feed(ID, {
    kind: 'entered',
    participant: from.participant,
    result,
    blobToken: 't'.repeat(43),
  });
};

describe('meetings', () => {
  it('creates each once, as many as it may', () => {
    const meetings = new Meetings({ limits: LIMITS, audit: { write: () => ok(undefined) }, run() {} });
    const code = (id: string) => {
      const created = meetings.create(asId<MeetingId>(id), VOUCHED);
      return created.ok ? 'ok' : created.refusal.code;
    };
    assert.deepEqual(['a', 'a', 'b', 'c'].map(code), ['ok', 'meeting.exists', 'ok', 'meeting.too-many']);
    assert.ok(meetings.end(asId<MeetingId>('a'), 'ended').ok);
    assert.equal(meetings.end(asId<MeetingId>('a'), 'ended').ok, false);
    assert.equal(code('c'), 'ok');
  });

  it('lets an input that an effect causes wait for the rest of the effects', () => {
    const log: string[] = [];
    let feedBack = true;
    const meetings: Meetings = new Meetings({
      limits: LIMITS,
      audit: { write: () => ok(undefined) },
      run: (_, effect: Effect) => {
        log.push(effect.kind === 'event' ? effect.event.kind : effect.kind);
        // The reply of b cannot be delivered: its session ends in the midst of its own admission.
        if (effect.kind !== 'welcome' || effect.session !== 'b' || !feedBack) return;
        feedBack = false;
        const participant = asId<ParticipantId>('b');
        meetings.feed(ID, { kind: 'session-ended', participant, why: 'removed' });
      },
    });
    meetings.create(ID, VOUCHED);
    enterAs(meetings, 'a', 1);
    log.length = 0;
    enterAs(meetings, 'b', 2);
    assert.deepEqual(log, [
      'standing',
      'enter',
      'standing',
      'seat',
      'welcome',
      'participant-joined',
      'audit',
      'depart',
      'participant-left',
    ]);
    assert.equal(meetings.participants, 1);
  });

  it('drops what comes for a meeting that is over', () => {
    const log: string[] = [];
    const meetings = new Meetings({
      limits: LIMITS,
      audit: { write: () => ok(undefined) },
      run: (_, effect) => log.push(effect.kind),
    });
    meetings.create(ID, VOUCHED);
    meetings.end(ID, 'ended');
    log.length = 0;
    enterAs(meetings, 'late', 1);
    assert.deepEqual(log, []);
  });
});
