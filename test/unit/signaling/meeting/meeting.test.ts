import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  asId,
  type ConsumerId,
  type MeetingId,
  type ParticipantId,
  type ProducerId,
  type SessionId,
} from '../../../../src/base/ids.ts';
import { ok, refuse } from '../../../../src/base/result.ts';
import type { Effect } from '../../../../src/signaling/meeting/effects.ts';
import { advance } from '../../../../src/signaling/meeting/handlers.ts';
import type { MeetingInput, MeetingRequest } from '../../../../src/signaling/meeting/inputs.ts';
import { entryOrder, participantOrder } from '../../../../src/signaling/meeting/rules.ts';
import { type Meeting, newMeeting } from '../../../../src/signaling/meeting/state.ts';
import { announcementOf, CREDENTIALS, enterOf, VOUCHED } from '../../../support/hollow-entry.ts';

const CAPABILITIES = { codecs: [], headerExtensions: [] };
const session = (name: string) => asId<SessionId>(`session-${name}`);
const participant = (name: string) => asId<ParticipantId>(name);
const caller = (name: string) => ({ session: session(name), participant: participant(name) });

const BLOB_TOKEN = 't'.repeat(43);
const enter = (name: string, number: number): MeetingInput => ({
  kind: 'request',
  from: caller(name),
  request: { ...enterOf(number), meeting: asId('m') },
});
const entered = (
  name: string,
  result = ok(CAPABILITIES) as Extract<MeetingInput, { kind: 'entered' }>['result'],
) => ({ kind: 'entered', participant: participant(name), result, blobToken: BLOB_TOKEN }) as const;
const ask = (name: string, request: MeetingRequest): MeetingInput => ({
  kind: 'request',
  from: caller(name),
  request,
});

const run = (
  inputs: readonly MeetingInput[],
  maxParticipants = 3,
): { meeting: Meeting; effects: readonly Effect[] } =>
  inputs.reduce<{ meeting: Meeting; effects: readonly Effect[] }>(
    ({ meeting }, input) => advance(meeting, input),
    { meeting: newMeeting(asId<MeetingId>('m'), maxParticipants, VOUCHED), effects: [] },
  );
const kinds = (effects: readonly Effect[]) => effects.map(({ kind }) => kind);
const codeOf = (effects: readonly Effect[]) =>
  effects.flatMap((effect) =>
    effect.kind === 'reply' && !effect.result.ok ? [effect.result.refusal.code] : [],
  );

describe('meeting', () => {
  it('holds the place and the number while the room is being entered, and tells nobody', () => {
    const { meeting, effects } = run([enter('a', 1)]);
    assert.deepEqual(kinds(effects), ['standing', 'enter']);
    assert.deepEqual(codeOf(advance(meeting, enter('b', 1)).effects), ['join.number-taken']);
    assert.deepEqual(codeOf(run([enter('a', 1), enter('b', 2)], 1).effects), ['join.full']);
  });

  it('changes nothing by a refused entry', () => {
    const { meeting } = run([enter('a', 1)]);
    assert.equal(advance(meeting, enter('b', 1)).meeting, meeting);
  });

  it('shows in the roster and tells only those who are present', () => {
    const { effects } = run([enter('a', 1), entered('a'), enter('b', 2), enter('c', 3), entered('c')]);
    const welcome = effects.find((effect) => effect.kind === 'welcome');
    assert.deepEqual(welcome?.body, {
      participant: 'c',
      rtpCapabilities: CAPABILITIES,
      charter: VOUCHED,
      blobToken: BLOB_TOKEN,
    });
    assert.deepEqual(welcome?.roster, [
      { participant: 'a', announcement: announcementOf(1), credentials: CREDENTIALS },
    ]);
    const event = effects.find((effect) => effect.kind === 'event');
    assert.deepEqual(event?.to, [session('a')]);
  });

  it('frees place and number where the room says no', () => {
    const { meeting, effects } = run([enter('a', 1), entered('a', refuse('media.limit', 'full'))]);
    assert.deepEqual(kinds(effects), ['standing', 'reply']);
    assert.deepEqual(codeOf(effects), ['media.limit']);
    assert.equal(meeting.members.size, 0);
  });

  it('takes an entry of somebody who is gone, or in already, for nothing', () => {
    const gone = run([
      enter('a', 1),
      { kind: 'session-ended', participant: participant('a'), why: 'removed' },
    ]);
    assert.deepEqual(kinds(gone.effects), ['depart']);
    assert.deepEqual(advance(gone.meeting, entered('a')).effects, []);
    const present = run([enter('a', 1), entered('a')]);
    assert.deepEqual(advance(present.meeting, entered('a')).effects, []);
  });

  it('lets somebody leave: answered, closed, departed, told to the others', () => {
    const both = [enter('a', 1), entered('a'), enter('b', 2), entered('b')];
    const { meeting, effects } = run([...both, ask('a', { id: 3, kind: 'leave' })]);
    assert.deepEqual(kinds(effects), ['audit', 'depart', 'event', 'reply', 'standing', 'close-session']);
    assert.deepEqual(effects[2], {
      kind: 'event',
      to: [session('b')],
      event: { kind: 'participant-left', participant: 'a', why: 'left' },
    });
    assert.deepEqual([...meeting.members.keys()], ['b']);
  });

  it('passes a media request on without what belongs to the envelope', () => {
    const request = { id: 4, ack: 2, kind: 'pause-consumer', consumer: asId<ConsumerId>('c') } as const;
    const { effects } = run([enter('a', 1), entered('a'), ask('a', request)]);
    assert.deepEqual(effects, [
      { kind: 'media', ...caller('a'), re: 4, request: { kind: 'pause-consumer', consumer: 'c' } },
    ]);
  });

  it('tells media events to present participants only', () => {
    const event = { kind: 'consumer-paused', consumer: asId<ConsumerId>('c') } as const;
    const to = (name: string): MeetingInput => ({ kind: 'media-event', to: participant(name), event });
    const { meeting } = run([enter('a', 1), entered('a'), enter('b', 2)]);
    assert.deepEqual(advance(meeting, to('a')).effects, [{ kind: 'event', to: [session('a')], event }]);
    assert.deepEqual(advance(meeting, to('b')).effects, []);
    assert.deepEqual(advance(meeting, to('nobody')).effects, []);
  });

  it('records that the relay stopped a stream, and for what it saw, before its owner hears so', () => {
    const { meeting } = run([enter('a', 1), entered('a')]);
    const effectsOf = (why: 'in-clear' | 'wrong-sender' | 'stopped' | 'room-rebuilt') => {
      const event = { kind: 'producer-removed', producer: asId<ProducerId>('x'), why } as const;
      const { effects } = advance(meeting, { kind: 'media-event', to: participant('a'), event });
      assert.deepEqual(effects.at(-1), { kind: 'event', to: [session('a')], event });
      return effects.slice(0, -1);
    };
    for (const why of ['in-clear', 'wrong-sender'] as const) {
      const entry = { kind: 'stream-stopped', meeting: meeting.id, participant: participant('a'), why };
      assert.deepEqual(effectsOf(why), [{ kind: 'audit', entry }]);
    }
    for (const why of ['stopped', 'room-rebuilt'] as const) assert.deepEqual(effectsOf(why), []);
  });

  it('ends: the present hear why, everybody is closed, the room goes', () => {
    const { meeting, effects } = run([
      enter('a', 1),
      entered('a'),
      enter('b', 2),
      { kind: 'end', why: 'media-lost' },
    ]);
    assert.deepEqual(kinds(effects.slice(0, 2)), ['audit', 'tell-checkpoint'], 'before anybody hears of it');
    assert.deepEqual(effects[2], {
      kind: 'event',
      to: [session('a')],
      event: { kind: 'meeting-ended', why: 'media-lost' },
    });
    const closed = effects.flatMap((effect) => (effect.kind === 'close-session' ? [effect.session] : []));
    assert.deepEqual(closed, [session('a'), session('b')]);
    assert.equal(effects.at(-1)?.kind, 'close-room');
    assert.equal(meeting.members.size, 0);
  });

  it('lets a session ask only what its standing allows', () => {
    const inside = { participant: participant('a'), admitted: true };
    const waiting = { ...inside, admitted: false };
    const codes = (order: typeof entryOrder) =>
      [undefined, waiting, inside].map((standing) => order(standing)?.code);
    assert.deepEqual(codes(entryOrder), [undefined, 'order.already-joined', 'order.already-joined']);
    assert.deepEqual(codes(participantOrder), ['order.join-first', 'order.join-first', undefined]);
  });
});
