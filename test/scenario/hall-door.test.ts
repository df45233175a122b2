/** Whoever waits before the door gets no name and no title, sealed or not: real clients with a group, the real relay, real sockets. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type FakeClient, idOf } from '../support/fake-meeting.ts';
import { HostileMeeting, type Victim } from '../support/hostile-meeting.ts';
import { Middle } from '../support/hostile-middle.ts';
import type { Official } from '../support/ministry.ts';
import { codeOf } from '../support/people.ts';

/** Of a whole suite on busy cores; a test that never comes to its end fails by it. */
const TIMEOUT = { timeout: 60_000 };
/** Longer than anything that was said stays on its way. */
const PASSED_ON_MS = 1_000;

const titleOf = ({ meeting }: FakeClient): string | undefined => meeting.state.title;
const nameOf = (to: FakeClient, from: FakeClient): string | undefined =>
  to.meeting.state.participants.get(idOf(from))?.name;
/** Kinds of what the relay sent of names and titles, sealed as they are. */
const hallHeard = ({ heard }: Middle, from = 0): string[] =>
  heard.slice(from).flatMap(({ kind }) => (kind === 'cards' || kind === 'title' ? [kind] : []));

describe('the door of a meeting with names and a title', TIMEOUT, () => {
  let meeting: HostileMeeting;

  beforeEach(async () => {
    meeting = await HostileMeeting.open({ admission: { kind: 'cleared' } });
  });
  afterEach(() => meeting.close());

  const entitle = async (by: Victim, title: string, ...others: Victim[]): Promise<void> => {
    const said = by.meeting.entitle(title);
    await meeting.flow(`${title} is shown`, () => [by, ...others].every((one) => titleOf(one) === title));
    assert.equal(codeOf(await said), 'ok');
  };
  const admit = async (chair: Victim, { person }: Official): Promise<void> => {
    const whom = { kind: 'persons' as const, persons: [person] };
    assert.equal(codeOf(await chair.meeting.order({ kind: 'admit', whom })), 'ok');
  };
  const carolComesToWait = async () => {
    const middle = new Middle(meeting.stash);
    let isWaiting = false;
    const onWaiting = () => {
      isWaiting = true;
    };
    const entering = meeting.enter('carol', middle, { name: 'Cora', onWaiting });
    // Whoever never comes in is waited for by the test.
    entering.catch(() => {});
    await meeting.flow('she waits', () => isWaiting);
    return { entering, middle };
  };
  const twoAreIn = async () => {
    const ada = await meeting.enter('alice', undefined, { name: 'Ada Lovelace' });
    const ben = await meeting.enter('bob', undefined, { name: 'Ben Nevis' });
    await meeting.together(ada, ben);
    return { ada, ben };
  };

  it('lets none of them through to who waits, before or while they are said, and all of them once it opens', async () => {
    const { ada, ben } = await twoAreIn();
    await entitle(ada, 'Winter plans', ben);
    const { entering, middle } = await carolComesToWait();
    await entitle(ada, 'Spring plans', ben);
    await meeting.pass(PASSED_ON_MS);
    assert.deepEqual(hallHeard(middle), []);
    await admit(ada, meeting.officials.carol);
    const cora = await entering;
    await meeting.flow('she reads it all', () => {
      const names = [ada, ben].map((one) => nameOf(cora, one));
      return names.join() === 'Ada Lovelace,Ben Nevis' && titleOf(cora) === 'Spring plans';
    });
    assert.deepEqual([...new Set(hallHeard(middle))].sort(), ['cards', 'title']);
  });

  it('lets none of them through any more to who was sent before it', async () => {
    const { ada, ben } = await twoAreIn();
    await entitle(ada, 'Winter plans', ben);
    const { bob } = meeting.officials;
    assert.equal(codeOf(await ada.meeting.order({ kind: 'to-lobby', person: bob.person })), 'ok');
    await meeting.flow('he waits', () => ben.meeting.state.phase.kind === 'waiting');
    const before = ben.middle.heard.length;
    const { entering } = await carolComesToWait();
    await admit(ada, meeting.officials.carol);
    const cora = await entering;
    await entitle(ada, 'Spring plans', cora);
    await meeting.flow('a name was said', () => nameOf(ada, cora) === 'Cora');
    await meeting.pass(PASSED_ON_MS);
    assert.deepEqual(hallHeard(ben.middle, before), []);
    await admit(ada, bob);
    await meeting.flow('he reads it', () => titleOf(ben) === 'Spring plans');
    assert.deepEqual([...new Set(hallHeard(ben.middle, before))].sort(), ['cards', 'title']);
  });
});
