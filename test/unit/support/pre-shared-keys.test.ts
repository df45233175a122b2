import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asId, type ParticipantId } from '../../../src/base/ids.ts';
import { INITIAL_STATE, type MeetingState } from '../../../src/client/store/state.ts';
import { codeOf, granted } from '../../support/people.ts';
import { PreSharedKeys } from '../../support/pre-shared-keys.ts';

const SECRET = new Uint8Array(32).fill(1);
const FRAME = new Uint8Array(40).fill(7);
const from = (number: number) => ({ number, source: 'microphone', codec: 'opus' }) as const;

/** A meeting in which this client is somebody, and later somebody else. */
const meetingAs = (number: number) => {
  const stateAs = (own: number): MeetingState => ({
    ...INITIAL_STATE,
    self: { participant: asId<ParticipantId>('self'), number: own, name: 'self' },
  });
  let listener = (_: MeetingState): void => {};
  const onChange = (given: typeof listener) => {
    listener = given;
    return () => {};
  };
  return { state: stateAs(number), onChange, rejoin: (own: number) => listener(stateAs(own)) };
};

const sealing = (keys: PreSharedKeys) => granted(keys.newSealingContext('microphone', 'opus'));

test('whoever has the secret opens what others seal, and nobody else', () => {
  const [sender, receiver, stranger] = [SECRET, SECRET, new Uint8Array(32).fill(2)].map(
    (secret) => new PreSharedKeys(secret),
  );
  assert.ok(sender && receiver && stranger);
  sender.follow(meetingAs(5));
  const { wire } = granted(sealing(sender).seal(FRAME, false));
  assert.equal(codeOf(stranger.open(wire, from(5))), 'frame.not-authentic');
  assert.equal(codeOf(receiver.open(wire, from(6))), 'frame.sender-mismatch');
  assert.deepEqual(granted(receiver.open(wire, from(5))).frame, FRAME);
  assert.equal(codeOf(receiver.open(wire, from(5))), 'frame.replayed');
});

test('who joins anew seals as the one whom it is then', () => {
  const [sender, receiver] = [new PreSharedKeys(SECRET), new PreSharedKeys(SECRET)];
  const meeting = meetingAs(5);
  sender.follow(meeting);
  const context = sealing(sender);
  granted(context.seal(FRAME, false));
  meeting.rejoin(9);
  const { wire } = granted(context.seal(FRAME, false));
  assert.deepEqual(granted(receiver.open(wire, from(9))).frame, FRAME);
});
