/** Real clients in meetings with a lobby and a chair, at the real relay: neither half is played by a test. */
import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, describe, it } from 'node:test';
import { toBase64Url } from '../../src/base/bytes.ts';
import { makeRecordKey, readRecordKey } from '../../src/signaling/audit/crypto.ts';
import { Conduct as RelaysConduct } from '../../src/signaling/conduct/conduct.ts';
import { DEFAULT_LIMITS } from '../../src/signaling/limits.ts';
import type { Order } from '../../src/trust/acts/act.ts';
import type { Charter } from '../../src/trust/charter/charter.ts';
import { checkpointText, type SignedCheckpoint } from '../../src/trust/record/checkpoint.ts';
import { stateWhere } from '../support/certified-world.ts';
import { DoorMeeting, type Way } from '../support/door-meeting.ts';
import { type FakeClient, idOf, outputOf } from '../support/fake-meeting.ts';
import { Ministry, type Official } from '../support/ministry.ts';
import { codeOf, granted } from '../support/people.ts';
import { Tapped, Unreachable } from '../support/tapped-socket.ts';
import { eventually } from '../support/until.ts';

/** Of a whole suite on busy cores; a test that never comes to its end fails by it. */
const TIMEOUT = { timeout: 60_000 };
const SOUND = { layers: 1 };
const CHAIR_LOST_MS = 30_000;
/** Far less than anybody may be silent: whoever looks again and again lets that much pass each time. */
const SOON_MS = 100;

describe('a client in a meeting with a chair', TIMEOUT, () => {
  let ministry: Ministry;
  let alice: Official;
  let bob: Official;
  let carol: Official;
  let zoe: Official;
  let door: DoorMeeting;

  before(async () => {
    ministry = await Ministry.open();
    const levels = { alice: 'secret', bob: 'secret', carol: 'confidential', zoe: 'secret' };
    ({ alice, bob, carol, zoe } = await ministry.officials(levels));
  });
  /** Zoe comes by clearance alone where everybody who is cleared may ask. */
  const convene = async (byName: boolean, change: Partial<Charter> = {}): Promise<void> => {
    const persons = [alice, bob, carol].map(({ person }) => person);
    door = await DoorMeeting.convene(ministry, alice, {
      admission: byName ? { kind: 'roster', persons } : { kind: 'cleared' },
      deputies: [bob.person],
      ...change,
    });
  };
  beforeEach(async () => {
    await ministry.publish({});
    await convene(true);
  });
  afterEach(() => door.close());

  const order = async (client: FakeClient, given: Order): Promise<string> =>
    codeOf(await client.meeting.order(given));
  const ordered = async (client: FakeClient, given: Order): Promise<void> =>
    assert.equal(await order(client, given), 'ok');
  const whom = (...people: Official[]) => ({
    kind: 'persons' as const,
    persons: people.map(({ person }) => person),
  });
  /** Somebody who comes, and waits. */
  const comesToWait = async (who: Official, way: Way = {}) => {
    const { promise: waiting, resolve } = Promise.withResolvers<void>();
    const entering = door.enter(who, { ...way, onWaiting: resolve });
    // Whoever is turned away in the end is looked at by the test.
    entering.catch(() => {});
    await waiting;
    return entering.then((client) => ({ client }));
  };
  const waitingAt = ({ meeting }: FakeClient) => [...(meeting.state.conducted?.waiting ?? [])];

  describe('that asks the chair', () => {
    beforeEach(async () => {
      await door.close();
      await convene(false);
    });

    it('waits before the door, knows nothing, and is let in', async () => {
      const ada = await door.enter(alice);
      const coming = comesToWait(zoe);
      await stateWhere(ada, ({ atDoor }) => atDoor.size === 1);
      assert.deepEqual([...ada.meeting.state.atDoor], [[zoe.person, zoe.device]]);
      assert.deepEqual(waitingAt(ada), [zoe.person]);
      await ordered(ada, { kind: 'admit', whom: whom(zoe) });
      const { client } = await coming;
      await stateWhere(ada, ({ participants }) => participants.has(idOf(client)));
      assert.equal(client.meeting.state.participants.get(idOf(ada))?.person, alice.person);
      assert.deepEqual(waitingAt(ada), []);
    });

    it('is turned away in the words of every refusal, with a reference', async () => {
      const ada = await door.enter(alice);
      const coming = comesToWait(zoe);
      await stateWhere(ada, ({ atDoor }) => atDoor.size === 1);
      await ordered(ada, { kind: 'turn-away', whom: { kind: 'all' } });
      await assert.rejects(coming, /entry\.refused/);
      assert.equal(ada.meeting.state.participants.size, 0);
    });

    it('gives up waiting', async () => {
      const ada = await door.enter(alice);
      const giving = new AbortController();
      const coming = comesToWait(zoe, { signal: giving.signal });
      await stateWhere(ada, ({ atDoor }) => atDoor.size === 1);
      giving.abort();
      await assert.rejects(coming, /meeting\.closed/);
      await eventually('nobody waits', () => waitingAt(ada).length === 0);
    });

    it('waits longer than for any other answer', async () => {
      const ada = await door.enter(alice);
      const coming = comesToWait(zoe);
      await stateWhere(ada, ({ atDoor }) => atDoor.size === 1);
      await door.pass(10 * DEFAULT_LIMITS.heartbeatMs);
      await ordered(ada, { kind: 'admit', whom: { kind: 'all' } });
      await coming;
    });
  });

  it('is sent before the door, and comes in again when it is called', async () => {
    const [ada, ben] = [await door.enter(alice), await door.enter(bob)];
    await ben.meeting.produce('microphone', SOUND);
    await eventually('it is heard', () => outputOf(ada, ben, 'microphone') !== undefined);
    const before = idOf(ben);
    await ordered(ada, { kind: 'to-lobby', person: bob.person });
    await stateWhere(ben, ({ phase }) => phase.kind === 'waiting');
    await stateWhere(ada, ({ participants, atDoor }) => participants.size === 0 && atDoor.has(bob.person));
    assert.equal(outputOf(ada, ben, 'microphone'), undefined);
    await ordered(ada, { kind: 'admit', whom: whom(bob) });
    await stateWhere(ben, ({ phase }) => phase.kind === 'in');
    assert.notEqual(idOf(ben), before);
    await eventually('it is heard again', () => outputOf(ada, ben, 'microphone') !== undefined);
  });

  it('is muted, and unmutes itself', async () => {
    const [ada, ben] = [await door.enter(alice), await door.enter(bob)];
    await ben.meeting.produce('microphone', SOUND);
    await eventually('it is heard', () => outputOf(ada, ben, 'microphone') !== undefined);
    await ordered(ada, { kind: 'mute', whom: { kind: 'all' } });
    await stateWhere(ben, ({ own }) => own.get('microphone')?.paused === true);
    assert.equal(ben.meeting.state.problem?.code, 'conduct.muted');
    await stateWhere(ada, ({ streams }) => [...streams.values()].every(({ paused }) => paused));
    granted(await ben.meeting.setPaused('microphone', false));
    await stateWhere(ada, ({ streams }) => [...streams.values()].every(({ paused }) => !paused));
  });

  it('shows its screen when it was granted, and no longer when that was taken back', async () => {
    const [ada, ben] = [await door.enter(alice), await door.enter(bob)];
    assert.equal(codeOf(await ben.meeting.produce('screen', SOUND)), 'media.not-granted');
    await ordered(ada, { kind: 'grant', whom: whom(bob), sources: ['screen'] });
    await eventually(
      'it may',
      () => ben.meeting.state.conducted?.standings.get(bob.person)?.grants.has('screen') === true,
    );
    granted(await ben.meeting.produce('screen', SOUND));
    await eventually('it is seen', () => outputOf(ada, ben, 'screen') !== undefined);
    await ordered(ada, { kind: 'withdraw', whom: whom(bob), sources: ['screen'] });
    await stateWhere(ben, ({ own }) => !own.has('screen'));
    await eventually('it is seen no more', () => outputOf(ada, ben, 'screen') === undefined);
    assert.equal(ben.meeting.state.problem?.code, 'conduct.stopped');
  });

  describe('whose charter lets members send nothing', () => {
    beforeEach(async () => {
      await door.close();
      await convene(true, { grants: [] });
    });

    it('speaks when the chair lets it', async () => {
      const [ada, ben] = [await door.enter(alice), await door.enter(bob)];
      assert.equal(codeOf(await ben.meeting.produce('microphone', SOUND)), 'media.not-granted');
      granted(await ada.meeting.produce('microphone', SOUND));
      await eventually('the chair is heard', () => outputOf(ben, ada, 'microphone') !== undefined);
      await ordered(ada, { kind: 'grant', whom: whom(bob), sources: ['microphone'] });
      granted(await ben.meeting.produce('microphone', SOUND));
      await eventually('it is heard', () => outputOf(ada, ben, 'microphone') !== undefined);
      assert.equal(codeOf(await ben.meeting.produce('camera', SOUND)), 'media.not-granted');
    });

    it('comes back without what it sent as the chair, which somebody else has taken meanwhile', async () => {
      const way = new Tapped();
      const reach = new Unreachable(way.open);
      const [ada, ben] = [await door.enter(alice, { openSocket: reach.open }), await door.enter(bob)];
      for (const source of ['microphone', 'screen'] as const)
        granted(await ada.meeting.produce(source, SOUND));
      reach.isDown = true;
      way.cut();
      await stateWhere(ada, ({ phase }) => phase.kind === 'reconnecting');
      await door.pass(2 * DEFAULT_LIMITS.graceMs);
      await stateWhere(ben, ({ participants }) => participants.size === 0);
      await ordered(ben, { kind: 'take-chair' });
      reach.isDown = false;
      await eventually('it is in again', () => {
        door.server.clock.advance(SOON_MS);
        return ada.meeting.state.phase.kind === 'in';
      });
      assert.deepEqual([...ada.meeting.state.own], []);
      assert.equal(ada.meeting.state.problem?.code, 'conduct.stopped');
      granted(await ben.meeting.produce('microphone', SOUND));
      await eventually('it hears', () => outputOf(ada, ben, 'microphone') !== undefined);
    });

    it('hears nobody whom only the relay lets speak', async (t) => {
      const [ada, ben] = [await door.enter(alice), await door.enter(bob)];
      t.mock.method(RelaysConduct.prototype, 'maySend', () => true);
      granted(await ben.meeting.produce('microphone', SOUND));
      await stateWhere(ada, ({ refusedStreams }) => refusedStreams === 1);
      assert.equal(outputOf(ada, ben, 'microphone'), undefined);
      assert.equal(ada.meeting.state.streams.size, 0);
      await ordered(ada, { kind: 'grant', whom: whom(bob), sources: ['camera'] });
      granted(await ben.meeting.produce('camera', SOUND));
      await eventually('what was granted is seen', () => outputOf(ada, ben, 'camera') !== undefined);
      assert.equal(outputOf(ada, ben, 'microphone'), undefined);
    });
  });

  it('sends nothing as an observer', async () => {
    const [ada, ben] = [await door.enter(alice), await door.enter(bob)];
    granted(await ben.meeting.produce('camera', SOUND));
    await ordered(ada, { kind: 'set-role', person: bob.person, role: 'observer' });
    await stateWhere(ben, ({ own }) => own.size === 0);
    assert.equal(codeOf(await ben.meeting.produce('microphone', SOUND)), 'media.not-granted');
  });

  it('orders nothing that is not its own to order', async () => {
    const [ada, ben] = [await door.enter(alice), await door.enter(bob)];
    assert.equal(await order(ben, { kind: 'mute', whom: whom(alice) }), 'act.refused');
    assert.equal(await order(ben, { kind: 'end' }), 'act.refused');
    await ordered(ben, { kind: 'raise-hand' });
    await stateWhere(ada, ({ conducted }) => conducted?.hands.has(bob.person) === true);
  });

  it('is removed for good, and does not come back', async () => {
    const [ada, ben] = [await door.enter(alice), await door.enter(bob)];
    await ordered(ada, { kind: 'remove', person: bob.person, isForGood: true });
    await stateWhere(ada, ({ participants }) => participants.size === 0);
    await stateWhere(ben, ({ phase }) => phase.kind !== 'in');
    await eventually('it tried again, and was refused', () => {
      door.server.clock.advance(DEFAULT_LIMITS.entryRefusalMs);
      return ben.meeting.state.phase.kind === 'closed';
    });
  });

  it('takes the chair when the chair is lost for long enough, and no earlier', async () => {
    const [ada, ben] = [await door.enter(alice), await door.enter(bob)];
    await ada.meeting.leave();
    await stateWhere(ben, ({ participants }) => participants.size === 0);
    assert.equal(await order(ben, { kind: 'take-chair' }), 'act.refused');
    await door.pass(CHAIR_LOST_MS);
    await ordered(ben, { kind: 'take-chair' });
    await stateWhere(ben, ({ conducted }) => conducted?.chair === bob.person);
    const again = await door.enter(alice);
    assert.equal(again.meeting.state.conducted?.chair, bob.person);
    assert.equal(await order(again, { kind: 'lock' }), 'act.refused');
  });

  it('is out when the marking rises above its clearance; the others go on under the new one', async () => {
    const [ada, ben, cat] = [await door.enter(alice), await door.enter(bob), await door.enter(carol)];
    const { marking } = ada.meeting.state.conducted ?? assert.fail();
    await ordered(ada, { kind: 'raise-marking', marking: { ...marking, level: 'secret' } });
    await stateWhere(ada, ({ participants }) => participants.size === 1);
    await stateWhere(cat, ({ phase }) => phase.kind !== 'in');
    await stateWhere(ben, ({ charter }) => charter?.marking.level === 'secret');
    assert.equal(ben.meeting.state.participants.has(idOf(ada)), true);
  });

  it('raises the marking no higher than it is cleared for, and signs no such order', async () => {
    const [ada, cat] = [await door.enter(alice), await door.enter(carol)];
    await ordered(ada, { kind: 'hand-over-chair', to: carol.person });
    await stateWhere(cat, ({ conducted }) => conducted?.chair === carol.person);
    const { marking } = cat.meeting.state.conducted ?? assert.fail();
    const raise = { kind: 'raise-marking', marking: { ...marking, level: 'secret' } } as const;
    assert.equal(await order(cat, raise), 'act.above-own-clearance');
    assert.equal(cat.meeting.state.phase.kind, 'in');
  });

  it('lowers the marking with somebody else, and not alone', async () => {
    const [ada, ben] = [await door.enter(alice), await door.enter(bob)];
    const { marking } = ada.meeting.state.conducted ?? assert.fail();
    await ordered(ada, { kind: 'lower-marking', marking: { ...marking, level: 'restricted' } });
    await stateWhere(ben, ({ conducted }) => conducted?.pending.size === 1);
    const [act] = [...(ben.meeting.state.conducted?.pending.keys() ?? [])];
    assert.ok(act);
    assert.equal(await order(ada, { kind: 'second', act }), 'act.refused');
    await ordered(ben, { kind: 'second', act });
    await stateWhere(ada, ({ conducted }) => conducted?.marking.level === 'restricted');
  });

  it('gives its place to another device of the same person', async () => {
    const second = await ministry.official('bob', { device: 'bob-2' });
    const [ada, ben] = [await door.enter(alice), await door.enter(bob)];
    let wasTold = 0;
    const other = await door.enter(second, { onReplacing: () => wasTold++ });
    assert.equal(wasTold, 1, 'this one is told too');
    await stateWhere(ben, ({ phase }) => phase.kind === 'closed');
    const { phase } = ben.meeting.state;
    assert.equal(phase.kind === 'closed' && phase.why?.code, 'entry.replaced');
    await stateWhere(ada, ({ participants }) => participants.size === 1 && participants.has(idOf(other)));
  });

  it('ends with the meeting', async () => {
    const [ada, ben] = [await door.enter(alice), await door.enter(bob)];
    await ordered(ada, { kind: 'end' });
    for (const client of [ada, ben]) await stateWhere(client, ({ phase }) => phase.kind === 'closed');
  });

  it('keeps what the relay signs of its record, and the chair countersigns it', async () => {
    const [ada, ben] = [await door.enter(alice), await door.enter(bob)];
    const key = readRecordKey(makeRecordKey());
    const [record, count, hash] = ['r'.repeat(22), 7, new Uint8Array(32).fill(1)];
    const signature = toBase64Url(key.sign(checkpointText(record, { count, hash })));
    const checkpoint: SignedCheckpoint = {
      record,
      count,
      hash: toBase64Url(hash),
      publicKey: key.publicKey,
      signature,
    };
    door.server.checkpoint(checkpoint);
    for (const client of [ada, ben]) await stateWhere(client, (state) => state.checkpoint?.count === count);
    const { entries } = door.server.record;
    await eventually('it is countersigned', () => entries.some(({ kind }) => kind === 'countersigned'));
    const countersigned = entries.flatMap((entry) =>
      entry.kind === 'countersigned' ? [entry.participant] : [],
    );
    assert.deepEqual(countersigned, [idOf(ada)]);
  });

  describe('believes no relay', () => {
    const LIES: readonly [string, RegExp, (text: string) => string][] = [
      [
        'leaves out an entry',
        /^entry\.gap$/,
        (text) =>
          text.replace(/"entry":".*"/, (whole) =>
            whole.replace(/\\"n\\":(\d+)/, (_, n) => `\\"n\\":${Number(n) + 1}`),
          ),
      ],
      [
        'names another before',
        /^entry\.other-chain$/,
        (text) => text.replace(/\\"previous\\":\\"./, '\\"previous\\":\\"!').replace('!', 'x'),
      ],
      [
        'makes an entry of its own',
        /^entry\.malformed$/,
        (text) => text.replace('\\"kind\\":\\"act\\"', '\\"kind\\":\\"say\\"'),
      ],
      [
        'alters an order',
        /^statement\./,
        (text) => text.replace(/\\"signature\\":\\"....../, '\\"signature\\":\\"AAAAAA'),
      ],
    ];
    for (const [what, code, alter] of LIES)
      it(`that ${what}: it leaves, and says so`, async () => {
        const way = new Tapped((text) => (text.includes('\\"kind\\":\\"act\\"') ? alter(text) : text));
        const [ada, ben] = [await door.enter(alice), await door.enter(bob, { openSocket: way.open })];
        await ordered(ada, { kind: 'lock' });
        await stateWhere(ben, ({ phase }) => phase.kind === 'closed');
        const { phase } = ben.meeting.state;
        assert.match((phase.kind === 'closed' && phase.why?.code) || '', code);
        assert.match((phase.kind === 'closed' && phase.why?.message) || '', /rules do not allow/);
      });

    it('that shows somebody whom nothing let in', async () => {
      const nothing = '{"kind":"consumer-removed","consumer":"none"}';
      const way = new Tapped((text) =>
        text.includes('\\"arrived\\"') ? text.replace(/\{"kind":"entry","entry":".*"\}/, nothing) : text,
      );
      const ada = await door.enter(alice, { openSocket: way.open });
      const ben = await door.enter(bob);
      await stateWhere(ada, ({ unverified }) => unverified.size === 1);
      assert.deepEqual([...ada.meeting.state.unverified], [[idOf(ben), 'roster.not-let-in']]);
      assert.equal(ada.keys.ever.size, 0);
    });
  });
});
