/** A real client that stops reading, at the real relay: what it is owed, and what it comes back to. Nobody touches it. */
import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, describe, it } from 'node:test';
import { stateWhere } from '../support/certified-world.ts';
import { DoorMeeting } from '../support/door-meeting.ts';
import { type FakeClient, idOf, outputOf } from '../support/fake-meeting.ts';
import { Ministry, type Official } from '../support/ministry.ts';
import { codeOf } from '../support/people.ts';
import { Stalling } from '../support/stalling-socket.ts';
import { eventually } from '../support/until.ts';

const TIMEOUT = { timeout: 60_000 };
/** Above four times what a client acknowledges at once, so that only who does not read gets to three quarters of it. */
const RING = 256;
const SOUND = { layers: 1 };
/** Longer than the longest first wait before a client dials again. */
const RETRY_MS = 250;

describe('a client that stops reading', TIMEOUT, () => {
  let ministry: Ministry;
  let [alice, bob, carol]: Official[] = [];
  let door: DoorMeeting;
  let [ada, ben]: FakeClient[] = [];
  let stalling: Stalling;

  const given = <T>(value: T | undefined): T => value ?? assert.fail();
  const hears = (to: FakeClient, from: FakeClient): Promise<void> =>
    eventually('what is said now is heard', () => {
      const [sent] = from.port.sendFrames('microphone', 1);
      return sent !== undefined && outputOf(to, from, 'microphone')?.frames.includes(sent) === true;
    });

  before(async () => {
    ministry = await Ministry.open();
    [alice, bob, carol] = [
      await ministry.official('alice'),
      await ministry.official('bob'),
      await ministry.official('carol'),
    ];
  });
  beforeEach(async () => {
    await ministry.publish({});
    const people = [alice, bob, carol].map(given);
    const admission = { kind: 'roster', persons: people.map(({ person }) => person) } as const;
    door = await DoorMeeting.convene(ministry, given(alice), { admission }, { maxOutboxMessages: RING });
    stalling = new Stalling();
    ada = await door.enter(given(alice));
    ben = await door.enter(given(bob), { openSocket: stalling.open });
    for (const client of [ada, ben]) await client.meeting.produce('microphone', SOUND);
    await hears(ben, ada);
    await hears(ada, ben);
    stalling.stopReading();
  });

  afterEach(() => door.close());

  const closes = () => door.server.signaling.stats().closes;
  /** As many events for everybody else. */
  const happens = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++)
      assert.equal(codeOf(await given(ada).meeting.setPaused('microphone', i % 2 === 0)), 'ok');
  };
  /** Reads what came, hears that it was cut, and dials again after its first wait. */
  const readsOn = async (client: FakeClient): Promise<void> => {
    stalling.readOn();
    await stateWhere(client, ({ phase }) => phase.kind !== 'in');
    door.server.clock.advance(RETRY_MS);
  };
  const isIn = (client: FakeClient) => stateWhere(client, ({ phase }) => phase.kind === 'in');

  it('is cut, resumes by itself as who it was, and has every event once', async () => {
    const [sender, reader] = [given(ada), given(ben)];
    const heard: boolean[] = [];
    reader.meeting.onChange(({ streams }) => {
      const paused = [...streams.values()][0]?.paused;
      if (paused !== undefined && paused !== (heard.at(-1) ?? false)) heard.push(paused);
    });
    const before = idOf(reader);
    await happens(RING - 20);
    assert.deepEqual(closes(), { 'connection.slow-reader': 1 });
    await readsOn(reader);
    await isIn(reader);
    await eventually('it heard all', () => heard.length === RING - 20);
    assert.deepEqual([idOf(reader), stalling.dials], [before, 2]);
    assert.equal(
      door.server.log.filter(({ event }) => event === 'session.ended').length,
      1,
      'the convener’s',
    );
    await hears(reader, sender);
    await hears(sender, reader);
  });

  it('enters anew by itself where more happened than is kept: the meeting as it is now, and media again', async () => {
    const [sender, reader] = [given(ada), given(ben)];
    const phases: string[] = [];
    reader.meeting.onChange(({ phase: { kind } }) => {
      if (kind !== (phases.at(-1) ?? 'in')) phases.push(kind);
    });
    const before = idOf(reader);
    const answered = reader.meeting.order({ kind: 'raise-hand' });
    await stateWhere(sender, ({ conducted }) => conducted?.hands.size === 1);
    await happens(RING);
    const unheard = reader.meeting.setPaused('microphone', true);
    await stateWhere(sender, ({ participants }) => !participants.has(before));
    const cat = await door.enter(given(carol));
    assert.equal(codeOf(await sender.meeting.order({ kind: 'raise-hand' })), 'ok');

    await readsOn(reader);
    assert.equal(codeOf(await answered), 'ok');
    await stateWhere(reader, ({ phase }) => phase.kind === 'rejoining');
    door.server.clock.advance(2 * RETRY_MS);
    await isIn(reader);
    assert.deepEqual(phases, ['reconnecting', 'rejoining', 'in']);
    assert.equal(codeOf(await unheard), 'session.lost', 'it is told that nobody heard it');
    await eventually('what was wanted meanwhile is so', () => reader.port.isPaused('microphone') === true);
    await reader.meeting.setPaused('microphone', false);
    assert.notEqual(idOf(reader), before);
    for (const client of [sender, cat])
      await stateWhere(client, ({ participants }) => participants.has(idOf(reader)));
    const { conducted, participants } = reader.meeting.state;
    assert.deepEqual([...participants.keys()].sort(), [idOf(sender), idOf(cat)].sort());
    assert.deepEqual(conducted, sender.meeting.state.conducted);
    assert.equal(conducted?.lastNumbers.get(given(bob).device), 1, 'what it had asked was done once');
    await hears(reader, sender);
    await hears(sender, reader);
    assert.deepEqual(sender.meeting.state.refusedFrames, {});
  });
});
