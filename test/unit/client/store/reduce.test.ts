import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asId, type ConsumerId, type ParticipantId } from '../../../../src/base/ids.ts';
import { reduce, type StoreEvent } from '../../../../src/client/store/reduce.ts';
import { findStream, INITIAL_STATE, type MeetingState } from '../../../../src/client/store/state.ts';
import { verifiedOf } from '../../../support/hollow-entry.ts';

const ADA = asId<ParticipantId>('ada');
const BOB = asId<ParticipantId>('bob');
const CAMERA = asId<ConsumerId>('camera-of-ada');
const SELF = verifiedOf('me');
const ada = verifiedOf('ada', 7);
const stream = {
  consumer: CAMERA,
  participant: ADA,
  source: 'camera',
  paused: false,
  layers: undefined,
} as const;

const after = (...events: readonly StoreEvent[]): MeetingState => events.reduce(reduce, INITIAL_STATE);

describe('the store', () => {
  it('shows verified people, and lists the others apart', () => {
    const state = after(
      { kind: 'joined', self: SELF },
      { kind: 'verified', participant: ada },
      { kind: 'unverified', participant: BOB, code: 'statement.not-authentic' },
    );
    assert.equal(state.phase.kind, 'in');
    assert.deepEqual([...state.participants.values()], [ada]);
    assert.deepEqual([...state.unverified], [[BOB, 'statement.not-authentic']]);
  });

  it('never shows a stream of somebody who is not verified', () => {
    const state = after(
      { kind: 'joined', self: SELF },
      { kind: 'unverified', participant: ADA, code: 'statement.not-authentic' },
      { kind: 'stream-added', stream },
    );
    assert.equal(state.streams.size, 0);
  });

  it('follows a stream from its coming to its going', () => {
    const shown = after({ kind: 'verified', participant: ada }, { kind: 'stream-added', stream });
    assert.deepEqual(findStream(shown, ADA, 'camera'), stream);
    assert.equal(findStream(shown, ADA, 'screen'), undefined);
    const layers = { spatialLayer: 1, temporalLayer: 0 };
    const changed = [
      { kind: 'stream-paused', consumer: CAMERA, paused: true },
      { kind: 'layers', consumer: CAMERA, layers },
    ] as const;
    assert.deepEqual(changed.reduce(reduce, shown).streams.get(CAMERA), { ...stream, paused: true, layers });
    assert.equal(reduce(shown, { kind: 'stream-removed', consumer: CAMERA }).streams.size, 0);
    assert.equal(reduce(shown, { kind: 'left', participant: ADA }).streams.size, 0);
    assert.equal(reduce(shown, { kind: 'streams-cleared' }).streams.size, 0);
  });

  it('prefers the newest of two streams of one source', () => {
    const newer = { ...stream, consumer: asId<ConsumerId>('newer') };
    const state = after(
      { kind: 'verified', participant: ada },
      { kind: 'stream-added', stream },
      { kind: 'stream-added', stream: newer },
    );
    assert.deepEqual(findStream(state, ADA, 'camera'), newer);
  });

  it('does not change for what is unknown, and never changes an old value', () => {
    const before = after({ kind: 'verified', participant: ada }, { kind: 'stream-added', stream });
    const unknown = asId<ConsumerId>('unknown');
    assert.equal(reduce(before, { kind: 'stream-paused', consumer: unknown, paused: true }), before);
    assert.equal(reduce(before, { kind: 'layers', consumer: unknown, layers: undefined }), before);
    reduce(before, { kind: 'left', participant: ADA });
    assert.equal(before.participants.size, 1);
    assert.equal(before.streams.size, 1);
  });

  it('forgets everybody at a fresh join, but not what is on', () => {
    const state = after(
      { kind: 'own', source: 'camera', paused: true },
      { kind: 'verified', participant: ada },
      { kind: 'stream-added', stream },
      { kind: 'phase', phase: { kind: 'rejoining' } },
      { kind: 'joined', self: SELF },
    );
    assert.deepEqual(
      [state.phase.kind, state.participants.size, state.streams.size, state.own.get('camera')],
      ['in', 0, 0, { paused: true }],
    );
    assert.equal(reduce(state, { kind: 'own-stopped', source: 'camera' }).own.size, 0);
  });

  it('counts what was refused, and keeps the last problem', () => {
    const problem = { code: 'media.failed', message: 'it failed' };
    const state = after(
      { kind: 'frame-refused', code: 'frame.replayed' },
      { kind: 'frame-refused', code: 'frame.replayed' },
      { kind: 'frame-refused', code: 'frame.unknown-key' },
      { kind: 'stream-refused' },
      { kind: 'problem', problem },
    );
    assert.deepEqual(state.refusedFrames, { 'frame.replayed': 2, 'frame.unknown-key': 1 });
    assert.deepEqual([state.refusedStreams, state.problem], [1, problem]);
  });
});
