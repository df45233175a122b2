/** Clients judge people by the meeting as it stands: the marking in force, and those who were called in. At relays that do not. */
import assert from 'node:assert/strict';
import { afterEach, before, describe, it, type TestContext } from 'node:test';
import type { MeetingState } from '../../src/client/store/state.ts';
import { Conduct } from '../../src/signaling/conduct/conduct.ts';
import { Residents } from '../../src/signaling/door/residents.ts';
import type { Order } from '../../src/trust/acts/act.ts';
import type { Charter } from '../../src/trust/charter/charter.ts';
import { stateWhere } from '../support/certified-world.ts';
import { DoorMeeting } from '../support/door-meeting.ts';
import { type FakeClient, idOf, outputOf } from '../support/fake-meeting.ts';
import { Ministry, type Official } from '../support/ministry.ts';
import { codeOf } from '../support/people.ts';
import { Tapped } from '../support/tapped-socket.ts';
import { eventually } from '../support/until.ts';

/** Of a whole suite on busy cores; a test that never comes to its end fails by it. */
const TIMEOUT = { timeout: 60_000 };

/** A relay that asks nobody again, whatever becomes of the marking. */
const expelsNobody = ({ mock }: TestContext): void => {
  mock.method(Residents.prototype, 'failing', () => []);
};
/** A relay that lets in by the charter, as if nothing had been ordered since. */
const judgesByCharter = ({ mock }: TestContext): void => {
  mock.method(Conduct.prototype, 'standing', () => undefined);
};
/** Whoever is behind it hears nothing of the meeting from the first order on. */
const deafToOrders = () => {
  const nothing = '{"kind":"consumer-removed","consumer":"none"}';
  let isDeaf = false;
  return new Tapped((text) => {
    isDeaf ||= text.includes('\\"kind\\":\\"act\\"');
    return isDeaf ? text.replace(/\{"kind":"entry","entry":".*"\}/, nothing) : text;
  });
};

const peopleOf = ({ participants }: MeetingState) => [...participants.values()].map(({ person }) => person);

describe('a client in a meeting that is not as its charter was', TIMEOUT, () => {
  let ministry: Ministry;
  let alice: Official;
  let bob: Official;
  /** Cleared for the charter's marking, and no higher one. */
  let carol: Official;
  /** Cleared for less than it. */
  let dave: Official;
  /** Cleared, and not on the charter's roster. */
  let eve: Official;
  let door: DoorMeeting;

  before(async () => {
    ministry = await Ministry.open();
    const levels = {
      alice: 'secret',
      bob: 'secret',
      carol: 'confidential',
      dave: 'restricted',
      eve: 'secret',
    };
    ({ alice, bob, carol, dave, eve } = await ministry.officials(levels));
  });
  afterEach(() => door.close());

  const convene = async (change: Partial<Charter> = {}): Promise<void> => {
    const persons = [alice, bob, carol, dave].map(({ person }) => person);
    const deputies = [bob.person];
    door = await DoorMeeting.convene(ministry, alice, {
      admission: { kind: 'roster', persons },
      deputies,
      ...change,
    });
  };
  const ordered = async (client: FakeClient, order: Order): Promise<void> =>
    assert.equal(codeOf(await client.meeting.order(order)), 'ok');
  const orderedByTwo = async (first: FakeClient, second: FakeClient, order: Order): Promise<void> => {
    await ordered(first, order);
    await stateWhere(second, ({ conducted }) => conducted?.pending.size === 1);
    const [act] = [...(second.meeting.state.conducted?.pending.keys() ?? [])];
    assert.ok(act);
    await ordered(second, { kind: 'second', act });
    for (const client of [first, second])
      await stateWhere(client, ({ conducted }) => conducted?.pending.size === 0);
  };
  const markedAt = ({ meeting }: FakeClient, level: string) => {
    const { marking } = meeting.state.conducted ?? assert.fail();
    return { ...marking, level };
  };
  const raised = (client: FakeClient): Promise<void> =>
    ordered(client, { kind: 'raise-marking', marking: markedAt(client, 'secret') });
  const unverified = (client: FakeClient, code: string): Promise<void> =>
    stateWhere(client, (state) => [...state.unverified.values()].join() === code);

  it('shows who was called in late, who comes in by itself', async () => {
    await convene();
    const [ada, ben] = [await door.enter(alice), await door.enter(bob)];
    await orderedByTwo(ada, ben, { kind: 'invite', persons: [eve.person] });
    const eva = await door.enter(eve);
    for (const client of [ada, ben]) {
      await stateWhere(client, ({ participants }) => participants.has(idOf(eva)));
      assert.equal(client.meeting.state.unverified.size, 0);
    }
    assert.deepEqual(peopleOf(eva.meeting.state).sort(), [alice.person, bob.person]);
  });

  it('shows who is cleared for the marking since it was lowered, and lets that one in', async () => {
    await convene();
    const [ada, ben] = [await door.enter(alice), await door.enter(bob)];
    await orderedByTwo(ada, ben, { kind: 'lower-marking', marking: markedAt(ada, 'restricted') });
    const dan = await door.enter(dave);
    for (const client of [ada, ben])
      await stateWhere(client, ({ participants }) => participants.has(idOf(dan)));
    assert.equal(dan.meeting.state.charter?.marking.level, 'restricted');
  });

  /** Cat was heard before; the marking rises above her clearance, she hears of no order, and the relay puts nobody out. */
  const excludedByRaise = async (t: TestContext) => {
    await convene();
    expelsNobody(t);
    const [ada, ben] = [await door.enter(alice), await door.enter(bob)];
    const cat = await door.enter(carol, { openSocket: deafToOrders().open });
    await cat.meeting.produce('microphone', { layers: 1 });
    await eventually('she is heard', () => outputOf(ada, cat, 'microphone') !== undefined);
    await raised(ada);
    return { ada, ben, cat };
  };

  it('shows and hears nobody whom a raised marking excludes, where the relay puts nobody out', async (t) => {
    const { ada, ben, cat } = await excludedByRaise(t);
    for (const client of [ada, ben]) {
      await unverified(client, 'entry.not-cleared');
      assert.equal(client.meeting.state.participants.has(idOf(cat)), false);
      assert.equal(outputOf(client, cat, 'microphone'), undefined);
      assert.equal(client.meeting.state.problem?.code, 'entry.not-cleared');
    }
    assert.equal(cat.meeting.state.phase.kind, 'in', 'she did not go by herself');
  });

  it('leaves out who was out by a raise when the marking is lowered again, until that one enters anew', async (t) => {
    const { ada, ben, cat } = await excludedByRaise(t);
    for (const client of [ada, ben]) await unverified(client, 'entry.not-cleared');
    await orderedByTwo(ada, ben, { kind: 'lower-marking', marking: markedAt(ada, 'confidential') });
    for (const client of [ada, ben]) {
      assert.equal(client.meeting.state.conducted?.marking.level, 'confidential');
      assert.equal(client.meeting.state.participants.has(idOf(cat)), false);
      assert.equal(outputOf(client, cat, 'microphone'), undefined);
      assert.equal(client.meeting.state.unverified.has(idOf(cat)), true);
    }
    const again = await door.enter(carol);
    for (const client of [ada, ben])
      await stateWhere(client, ({ participants }) => participants.has(idOf(again)));
  });

  it('goes by itself when the marking rises above its clearance, and says why', async (t) => {
    await convene();
    expelsNobody(t);
    const [ada, cat] = [await door.enter(alice), await door.enter(carol)];
    await raised(ada);
    await stateWhere(cat, ({ phase }) => phase.kind === 'closed');
    const { phase } = cat.meeting.state;
    assert.equal(phase.kind === 'closed' && phase.why?.code, 'entry.not-cleared');
  });

  it('that comes after the marking was raised shows nobody whom that excludes', async (t) => {
    await convene();
    expelsNobody(t);
    const ada = await door.enter(alice);
    await door.enter(carol, { openSocket: deafToOrders().open });
    await raised(ada);
    const ben = await door.enter(bob);
    await unverified(ben, 'entry.not-cleared');
    assert.deepEqual(peopleOf(ben.meeting.state), [alice.person]);
  });

  it('does not enter, and shows nobody enter, by a charter’s marking that was raised since', async (t) => {
    await convene();
    const ada = await door.enter(alice);
    await raised(ada);
    judgesByCharter(t);
    const seen = unverified(ada, 'entry.not-cleared');
    const { joined, port } = await door.tryToEnter(carol);
    assert.equal(codeOf(joined), 'entry.not-cleared');
    assert.equal(port.calls.includes('load'), false, 'no media was set up');
    await seen;
    assert.equal(ada.meeting.state.participants.size, 0);
  });

  it('shows the chair nobody at the door who is not cleared for the marking in force', async (t) => {
    await convene({ admission: { kind: 'cleared' } });
    const ada = await door.enter(alice);
    await raised(ada);
    judgesByCharter(t);
    const giving = new AbortController();
    for (const who of [carol, eve]) {
      const { promise: waiting, resolve } = Promise.withResolvers<void>();
      void door.tryToEnter(who, { onWaiting: resolve, signal: giving.signal });
      await waiting;
    }
    await stateWhere(ada, ({ atDoor }) => atDoor.size > 0);
    assert.deepEqual([...ada.meeting.state.atDoor.keys()], [eve.person]);
    giving.abort();
  });
});
