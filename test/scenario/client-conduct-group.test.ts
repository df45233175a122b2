/** Who may be in a meeting's group is judged by the meeting as it stands, whomever a hostile relay keeps in it. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { Residents } from '../../src/signaling/door/residents.ts';
import { Groups } from '../../src/signaling/group/groups.ts';
import { idOf } from '../support/fake-meeting.ts';
import { HostileMeeting, type Victim } from '../support/hostile-meeting.ts';
import { stolen } from '../support/keyed-world.ts';
import { codeOf } from '../support/people.ts';

describe('a raised marking, and a relay that puts nobody out', { timeout: 120_000 }, () => {
  let world: HostileMeeting;
  let ada: Victim;
  let ben: Victim;
  /** Cleared for the charter's marking alone; she does not hear that it was raised. */
  let cora: Victim;

  beforeEach(async () => {
    mock.method(Residents.prototype, 'failing', () => []);
    world = await HostileMeeting.open({}, 'confidential');
    const all = await world.gather('alice', 'bob', 'carol');
    [ada, ben, cora] = all as [Victim, Victim, Victim];
    await world.hearEachOther(ada, ben, cora);
    cora.middle.onEvent = (event) => (event.kind === 'entry' ? [] : [event]);
  });
  afterEach(async () => {
    mock.restoreAll();
    await world.close();
  });

  const raise = async (): Promise<void> => {
    const { marking } = ada.meeting.state.conducted ?? assert.fail();
    const order = { kind: 'raise-marking', marking: { ...marking, level: 'secret' } } as const;
    assert.equal(codeOf(await ada.meeting.order(order)), 'ok');
    const isOut = ({ meeting }: Victim) => meeting.state.unverified.get(idOf(cora)) === 'entry.not-cleared';
    await world.flow('they know', () => isOut(ada) && isOut(ben));
  };

  /** Nor does the relay begin another group, as it is to do when the marking rises. */
  const keepsGroup = (): void => {
    mock.method(Groups.prototype, 'restart', () => {});
  };
  /** Nor has it anybody make another epoch. */
  const asksNobody = (): void => {
    for (const { middle } of [ada, ben])
      middle.onEvent = (event) =>
        event.kind === 'group' && event.heard.kind === 'ask-commit' ? [] : [event];
  };
  const asksAgain = (): void => {
    for (const { middle } of [ada, ben]) middle.onEvent = (event) => [event];
  };
  const allNamed = (code: string): Promise<void> =>
    world.flow(`${code} is named`, () => [ada, ben].every(({ problems }) => problems.includes(code)));

  /** She is connected as before, and her keys open nothing of what the others say. */
  const goOnWithout = async (): Promise<void> => {
    await world.together(ada, ben);
    assert.equal(cora.meeting.state.phase.kind, 'in');
    const before = world.door.net.sealed.length;
    await world.hearEachOther(ada, ben);
    assert.deepEqual(stolen(cora.keys, world.door.net.sealed.slice(before)), { sent: 6, opened: 0 });
  };

  it('the next group is without who is out, though the relay asks for it, and the meeting goes on', async () => {
    await raise();
    await allNamed('group.not-welcome');
    await goOnWithout();
  });

  it('nothing is sealed while who is out is kept in the group, and everybody is told', async () => {
    keepsGroup();
    asksNobody();
    await raise();
    for (const { port } of [ada, ben]) assert.deepEqual(port.sendFrames('microphone', 3), []);
    await allNamed('group.held-back');
    assert.equal(cora.meeting.state.phase.kind, 'in');
    await cora.meeting.leave();
    asksAgain();
    await world.together(ada, ben);
    await world.hearEachOther(ada, ben);
  });

  it('the next commit that anybody is asked for puts out who is out, whatever it was asked for', async () => {
    keepsGroup();
    await raise();
    await goOnWithout();
  });

  it('no title is said that who is out could read, and it is said by itself when nobody can', async () => {
    keepsGroup();
    await raise();
    assert.equal(codeOf(await ada.meeting.entitle('Under the new marking')), 'title.held-back');
    assert.ok(!ada.middle.said.some(({ kind }) => kind === 'title'));
    await cora.meeting.leave();
    await world.flow('the others read it', () => ben.meeting.state.title === 'Under the new marking');
    assert.equal(ada.meeting.state.title, 'Under the new marking');
  });
});
