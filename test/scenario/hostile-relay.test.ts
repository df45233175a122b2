/** What a relay with all its powers does to a meeting's group: real clients, the real relay, a hostile one between, real sockets. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Bytes, toHex } from '../../src/base/bytes.ts';
import type { MeetingId } from '../../src/base/ids.ts';
import type { OpenSocket } from '../../src/client/connection/socket.ts';
import { LOOK_EVERY_MS } from '../../src/client/group/limits.ts';
import { leftLivesMs } from '../../src/client/group/standing.ts';
import { PACE_MS } from '../../src/signaling/delivery/limits.ts';
import type { WireGroupHeard } from '../../src/signaling/protocol/group-schemas.ts';
import type { ServerEvent } from '../../src/signaling/protocol/messages.ts';
import {
  BEAT_EVERY_MS,
  CUT_OFF_AFTER_MS,
  HEARTBEAT,
  SEALS_UNHEARD_MS,
} from '../../src/trust/heartbeat/heartbeat.ts';
import { signStatement } from '../../src/trust/signing/statement.ts';
import { idOf } from '../support/fake-meeting.ts';
import { externalCommit } from '../support/hostile-external.ts';
import { HostileMeeting, keyOf, type Victim } from '../support/hostile-meeting.ts';
import { Middle } from '../support/hostile-middle.ts';
import { epochOf, stolen } from '../support/keyed-world.ts';
import { Ministry } from '../support/ministry.ts';
import { accepted, anybody } from '../support/mls-device.ts';
import { codeOf } from '../support/people.ts';

type Kind = WireGroupHeard['kind'];
type HeardOf<K extends Kind> = Extract<WireGroupHeard, { kind: K }>;
type Said = Middle['said'][number];
type SaidOf<K extends Said['kind']> = Extract<Said, { kind: K }>;
type OnEvent = Middle['onEvent'];

/** Longer than an epoch's keys to open with outlive it. */
const PAST_EPOCHS_MS = 3_000;

const NOBODY_THERE = 'ws://127.0.0.1:1/';

const passAll: OnEvent = (event) => [event];
const isOf = (event: ServerEvent, kinds: readonly Kind[]): boolean =>
  event.kind === 'group' && kinds.includes(event.heard.kind);
const withhold =
  (...kinds: Kind[]): OnEvent =>
  (event) =>
    isOf(event, kinds) ? [] : [event];
/** Words of one kind become these. */
const instead =
  <K extends Kind>(kind: K, change: (heard: HeardOf<K>) => readonly WireGroupHeard[]): OnEvent =>
  (event) =>
    event.kind === 'group' && event.heard.kind === kind
      ? change(event.heard as HeardOf<K>).map((heard) => ({ kind: 'group', heard }))
      : [event];
/** Everything by which a member follows the group. */
const STEPS = ['commit', 'caught-up', 'refused', 'accepted', 'ask-commit'] as const;

const sayings = <K extends Said['kind']>({ said }: Middle, kind: K): SaidOf<K>[] =>
  said.filter((one): one is SaidOf<K> => one.kind === kind);
const newest = <K extends Said['kind']>({ middle }: Victim, kind: K): SaidOf<K> => {
  const said = sayings(middle, kind).at(-1);
  assert.ok(said !== undefined, `${kind} was said`);
  return said;
};
const named = (code: string, ...victims: readonly Victim[]): boolean =>
  victims.every(({ problems }) => problems.includes(code));

describe('a relay that means harm', { timeout: 240_000 }, () => {
  let world: HostileMeeting;

  beforeEach(async () => {
    world = await HostileMeeting.open();
  });
  afterEach(() => world.close());

  const two = async () => {
    const [ada, ben] = await world.gather('alice', 'bob');
    assert.ok(ada && ben);
    return { ada, ben };
  };
  const three = async () => {
    const [ada, ben, cora] = await world.gather('alice', 'bob', 'carol');
    assert.ok(ada && ben && cora);
    return { ada, ben, cora };
  };
  /** Of another authority, with the name that the chair has here. */
  const stranger = async () => world.outsider(await (await Ministry.open()).official('alice'));
  /** The relay does no more harm. */
  const calm = async (...victims: readonly Victim[]): Promise<void> => {
    for (const { middle } of victims) middle.onEvent = passAll;
    await world.together(...victims);
  };
  /** In the end everybody hears everybody. */
  const recover = async (...victims: readonly Victim[]): Promise<void> => {
    await calm(...victims);
    await world.hearEachOther(...victims);
  };
  /** The same of whoever was cut off, who seals again once a heartbeat of the new epoch came. */
  const comeBack = async (...victims: readonly Victim[]): Promise<void> => {
    await calm(...victims);
    const seals = ({ port }: Victim) => port.sendFrames('microphone', 1).length === 1;
    await world.flow('all seal', () => victims.every(seals));
    await world.hearEachOther(...victims);
  };

  it('that only looks is noticed by nobody, and a member’s own keys do open what it saw', async () => {
    const { ada, ben, cora } = await three();
    await world.hearEachOther(ada, ben, cora);
    for (const { problems } of [ada, ben, cora]) assert.deepEqual(problems, []);
    const { sealed } = world.door.net;
    assert.equal(stolen(ben.keys, sealed.slice(-3)).opened, 3, 'what is looked at would open');
  });

  it('names somebody by another authority, and asks for a commit that adds them', async () => {
    const { ada, ben, cora } = await three();
    const ghost = await stranger();
    const add = [
      { participant: ghost.entry.participant, blob: world.keep(await ghost.agreement.keyPackage()) },
    ];
    const { generation, epoch } = newest(ada, 'ready');
    for (const { middle } of [ada, ben, cora]) {
      middle.tell({ kind: 'participant-joined', ...ghost.entry });
      middle.tellGroup({ kind: 'ask-commit', generation, epoch, add, remove: [] });
    }
    await world.flow('it is named', () => named('group.swapped-key-package', ada, ben, cora));
    for (const { meeting, middle, problems } of [ada, ben, cora]) {
      assert.deepEqual([...meeting.state.unverified], [['ghost', 'certificate.other-root']]);
      assert.ok(problems.includes('certificate.other-root'));
      assert.equal(sayings(middle, 'decline').at(-1)?.participant, 'ghost');
    }
    assert.equal(await world.letsIn(ghost), false);
    await recover(ada, ben, cora);
  });

  it('leads somebody who comes into a group of its own', async () => {
    const { ada, ben } = await two();
    const ghost = await stranger();
    const own = accepted(await ghost.agreement.create(world.context()));
    const middle = new Middle(world.stash);
    middle.onEvent = withhold('welcome');
    const entering = world.enter('carol', middle);
    await world.flow('she asks', () => sayings(middle, 'enter').length > 0);
    const [{ keyPackage }] = sayings(middle, 'enter') as [SaidOf<'enter'>];
    const add = [world.stash.get(keyPackage.hash) ?? new Uint8Array()];
    const commit = accepted(await own.commit({ add }, anybody));
    accepted(await own.adopt(commit));
    const welcome = world.keep(commit.welcomes[0] ?? new Uint8Array());
    middle.tellGroup({ kind: 'welcome', generation: 0, epoch: 1, welcome, tree: world.keep(commit.tree) });
    await world.flow('she asks again', () => sayings(middle, 'enter').length > 1);
    middle.onEvent = passAll;
    const cora = await entering;
    assert.ok(named('group.stranger', cora));
    await world.together(ada, ben, cora);
    await world.assertDeaf([await keyOf(own)]);
    await recover(ada, ben, cora);
  });

  it('swaps a key package on its way to the committer', async () => {
    const { ada, ben } = await two();
    const ghost = await stranger();
    const blob = world.keep(await ghost.agreement.keyPackage());
    for (const { middle } of [ada, ben])
      middle.onEvent = instead('ask-commit', (heard) => [
        { ...heard, add: heard.add.map((one) => ({ ...one, blob })) },
      ]);
    const entering = world.enter('carol');
    const isNamed = () => [ada, ben].some((one) => named('group.swapped-key-package', one));
    await world.flow('it is named', isNamed);
    for (const { middle } of [ada, ben]) middle.onEvent = passAll;
    const cora = await entering;
    assert.equal(await world.letsIn(ghost), false);
    await recover(ada, ben, cora);
  });

  it('says that a key package is somebody else’s who is in already', async () => {
    const { ada, ben } = await two();
    const blob = newest(ben, 'enter').keyPackage;
    const middle = new Middle(world.stash);
    middle.onSaid = (said) => (said.kind === 'enter' ? { ...said, keyPackage: blob } : said);
    const entering = world.enter('carol', middle);
    await world.flow('it is named', () => [ada, ben].some((one) => named('group.swapped-key-package', one)));
    middle.onSaid = (said) => said;
    await recover(ada, ben, await entering);
  });

  it('withholds a commit from one member', async () => {
    const { ada, ben, cora } = await three();
    cora.middle.onEvent = withhold(...STEPS);
    const before = epochOf(cora)?.number;
    const whenNamed: (bigint | undefined)[] = [];
    cora.meeting.onChange(({ problem }) => {
      if (problem?.code === 'group.behind') whenNamed.push(epochOf(cora)?.number);
    });
    const dan = await world.enter('dan');
    await world.flow('it is named', () => named('group.behind', cora));
    assert.equal(whenNamed[0], before);
    await recover(ada, ben, cora, dan);
  });

  it('withholds the commit by which somebody is removed: nothing is sealed for who is out', async () => {
    const { ada, ben, cora } = await three();
    ben.middle.onEvent = withhold(...STEPS);
    const { person } = world.officials.carol;
    assert.equal(codeOf(await ada.meeting.order({ kind: 'remove', person, isForGood: true })), 'ok');
    await world.flow('he was told', () => ben.meeting.state.participants.size === 1);
    assert.deepEqual(ben.port.sendFrames('microphone', 3), [], 'at once, and not when the others are heard');
    await world.flow('it is named', () => named('group.held-back', ben));
    const before = world.door.net.sealed.length;
    await recover(ada, ben);
    assert.deepEqual(stolen(cora.keys, world.door.net.sealed.slice(before)), { sent: 6, opened: 0 });
  });

  it('says that somebody left before it brings the removal: nothing is sealed once that was signed', async () => {
    const { ada, ben, cora } = await three();
    ben.middle.onEvent = withhold(...STEPS);
    ben.middle.tell({ kind: 'participant-left', participant: idOf(cora), why: 'left' });
    const before = world.door.net.sealed.length;
    await world.flow('he was told', () => ben.meeting.state.participants.size === 1);
    assert.equal(ben.port.sendFrames('microphone', 3).length, 3, 'who leaves is waited for');
    assert.equal(stolen(cora.keys, world.door.net.sealed.slice(before)).opened, 3);
    const { person } = world.officials.carol;
    assert.equal(codeOf(await ada.meeting.order({ kind: 'remove', person, isForGood: true })), 'ok');
    await world.flow('he knows', () => ben.meeting.state.conducted?.present.has(person) === false);
    assert.deepEqual(ben.port.sendFrames('microphone', 3), []);
    await recover(ada, ben);
  });

  it('says that somebody left, and keeps the removal back: who is out hears no more than it takes to leave', async () => {
    const { ada, ben, cora } = await three();
    const untold = withhold(...STEPS);
    ben.middle.onEvent = (event) => (event.kind === 'entry' ? [] : untold(event));
    const { person } = world.officials.carol;
    assert.equal(codeOf(await ada.meeting.order({ kind: 'remove', person, isForGood: true })), 'ok');
    await world.flow('he was told', () => ben.meeting.state.participants.size === 1);
    await world.pass(leftLivesMs(3) + LOOK_EVERY_MS);
    assert.deepEqual(ben.port.sendFrames('microphone', 3), []);
    const before = world.door.net.sealed.length;
    await recover(ada, ben);
    assert.equal(stolen(cora.keys, world.door.net.sealed.slice(before)).opened, 0);
  });

  describe('withholds everything from one member while somebody is removed', () => {
    /** Of the meeting; the answer brings it after all. */
    const keepMeetingFrom = ({ middle }: Victim, onOther: OnEvent): (() => void) => {
      const kept: ServerEvent[] = [];
      middle.onEvent = (event) => {
        if (event.kind !== 'entry' && event.kind !== 'participant-left') return onOther(event);
        kept.push(event);
        return [];
      };
      return () => {
        for (const event of kept) middle.tell(event);
      };
    };
    /** Of the group and the others too; what else the relay tells `victim` is its own. */
    const cutOff = (victim: Victim) => keepMeetingFrom(victim, withhold(...STEPS, 'ready', 'heartbeat'));
    const four = async () => {
      const [ada, ben, cora, dan] = await world.gather('alice', 'bob', 'carol', 'dan');
      assert.ok(ada && ben && cora && dan);
      return { ada, ben, cora, dan };
    };
    const removeDan = async ({ meeting }: Victim): Promise<void> => {
      const { person } = world.officials.dan;
      assert.equal(codeOf(await meeting.order({ kind: 'remove', person, isForGood: true })), 'ok');
    };
    /** What `thief` opens of what these send now. */
    const opens = (thief: Victim, ...from: readonly Victim[]) => {
      const before = world.door.net.sealed.length;
      for (const { port } of from) port.sendFrames('microphone', 3);
      return stolen(thief.keys, world.door.net.sealed.slice(before));
    };

    it('and is told within ten seconds that it may be cut off; after a minute it seals nothing, and comes back by itself', async () => {
      const { ada, ben, cora, dan } = await four();
      const tellRest = cutOff(cora);
      await removeDan(ada);
      await world.pass(CUT_OFF_AFTER_MS + LOOK_EVERY_MS);
      assert.equal(cora.meeting.state.mayBeCutOff, true);
      assert.deepEqual(opens(dan, cora), { sent: 3, opened: 3 }, 'until then who is out can hear her');
      assert.deepEqual(opens(dan, ada, ben), { sent: 6, opened: 0 }, 'the others are not held up by it');
      await world.pass(SEALS_UNHEARD_MS - CUT_OFF_AFTER_MS);
      assert.deepEqual(cora.port.sendFrames('microphone', 3), []);
      await world.flow('it is named', () => named('group.cut-off', cora));
      const before = world.door.net.sealed.length;
      tellRest();
      await comeBack(ada, ben, cora);
      const { opened } = stolen(dan.keys, world.door.net.sealed.slice(before));
      assert.equal(opened, 0, 'not on the way back either');
    });

    it('who is a deputy, and told by who is out that all is as before', async () => {
      const { ada, ben, dan } = await four();
      cutOff(ben);
      const { epoch, digest } = newest(ben, 'ready');
      const meeting = world.context().meeting as MeetingId;
      const head = ben.meeting.state.conducted?.heads.at(-1) ?? assert.fail();
      await removeDan(ada);
      for (let ms = 0; ms <= SEALS_UNHEARD_MS; ms += BEAT_EVERY_MS) {
        const beat = { meeting, epoch, digest, head, atUnixMs: world.door.server.clock.unixMs() };
        const statement = await signStatement(HEARTBEAT, beat, world.officials.dan.signer.signing);
        ben.middle.tellGroup({ kind: 'heartbeat', from: idOf(dan), statement });
        await world.pass(BEAT_EVERY_MS);
      }
      assert.deepEqual(opens(dan, ben), { sent: 0, opened: 0 });
    });

    it('and the commit from the chair too, who vouches for no epoch with somebody who is out', async () => {
      const { ada, ben, cora, dan } = await four();
      for (const { middle } of [ada, ben, cora]) middle.onEvent = withhold(...STEPS);
      const tellRest = keepMeetingFrom(cora, (event) => (isOf(event, ['heartbeat', 'ready']) ? [event] : []));
      await removeDan(ada);
      await world.pass(SEALS_UNHEARD_MS + BEAT_EVERY_MS);
      assert.deepEqual(opens(dan, ada, ben, cora), { sent: 0, opened: 0 });
      for (const { middle } of [ada, ben, cora]) middle.onEvent = passAll;
      tellRest();
      await world.together(ada, ben, cora);
      // Nobody vouched for anything meanwhile.
      await world.pass(BEAT_EVERY_MS);
      await world.hearEachOther(ada, ben, cora);
    });
  });

  it('is suspected by nobody where the chair’s own network breaks for good', async () => {
    const middle = new Middle(world.stash);
    let isBroken = false;
    let cut = (): void => {};
    const openSocket: OpenSocket = (url, handlers) => {
      const socket = middle.open(isBroken ? NOBODY_THERE : url, handlers);
      cut = () => socket.close();
      return socket;
    };
    const ada = await world.enter('alice', middle, { openSocket });
    const [ben, cora] = [await world.enter('bob'), await world.enter('carol')];
    await world.together(ada, ben, cora);
    isBroken = true;
    cut();
    for (let ms = 0; ms < SEALS_UNHEARD_MS + BEAT_EVERY_MS; ms += BEAT_EVERY_MS) {
      await world.pass(BEAT_EVERY_MS);
      for (const { port } of [ben, cora])
        assert.equal(port.sendFrames('microphone', 1).length, 1, `${ms} ms`);
    }
    for (const one of [ben, cora]) assert.equal(named('group.cut-off', one), false);
    await world.hearEachOther(ben, cora);
  });

  it('gives a commit twice, and later once more as the newest', async () => {
    const { ada, ben, cora } = await three();
    const seen: HeardOf<'commit'>[] = [];
    cora.middle.onEvent = instead('commit', (heard) => {
      seen.push(heard);
      return [heard, heard];
    });
    const dan = await world.enter('dan');
    await world.together(ada, ben, cora, dan);
    assert.deepEqual(cora.problems, [], 'twice changes nothing');
    // Each has its turn to fill the tree: a new epoch would end the doubt.
    await world.pass(5 * PACE_MS);
    const [old] = seen;
    assert.ok(old !== undefined);
    const { epoch, digest } = newest(cora, 'ready');
    cora.middle.tellGroup({ ...old, past: { ...old.past, epoch } });
    await world.flow('it is refused', () => sayings(cora.middle, 'reject').length > 0);
    assert.equal(newest(cora, 'ready').digest, digest, 'and changes nothing');
    await world.flow('it is named', () => named('group.behind', cora));
    await recover(ada, ben, cora, dan);
  });

  it('serves two commits of one epoch to two halves', async () => {
    const all = await world.gather('alice', 'bob', 'carol', 'dan');
    const [ada, ben, cora, dan] = all;
    assert.ok(ada && ben && cora && dan);
    const { generation, epoch } = newest(ada, 'ready');
    const halves = [[ada, cora] as const, [ben, dan] as const];
    for (const { middle } of all) middle.onEvent = withhold(...STEPS);
    const made = ({ middle }: Victim) => sayings(middle, 'commit').find((said) => said.epoch === epoch);
    for (const [{ middle }] of halves)
      middle.tellGroup({ kind: 'ask-commit', generation, epoch, add: [], remove: [] });
    await world.flow('each made one', () => halves.every(([author]) => made(author) !== undefined));
    for (const [author, other] of halves) {
      const commit = made(author)?.commit;
      assert.ok(commit !== undefined);
      author.middle.tellGroup({ kind: 'accepted', epoch: epoch + 1, commit: commit.hash });
      other.middle.tellGroup({ kind: 'commit', generation, past: { epoch, commit }, by: idOf(author) });
    }
    await world.flow('all went on', () => all.every((one) => epochOf(one)?.number === BigInt(epoch + 1)));
    const codes = all.map((one) => epochOf(one)?.code.digits);
    assert.equal(new Set(codes).size, 2, 'people who compare see it');
    await world.flow('it is named', () => named('group.fork', ...all));
    await recover(ada, ben, cora, dan);
  });

  it('tells everything about the group in the wrong order', async () => {
    const { ada, ben, cora } = await three();
    const kept: ServerEvent[] = [];
    const digest = newest(cora, 'ready').digest;
    cora.middle.onEvent = (event) => {
      if (!isOf(event, ['commit', 'ready', 'caught-up'])) return [event];
      kept.unshift(event);
      return kept.length < 2 ? [] : kept.splice(0);
    };
    const dan = await world.enter('dan');
    await world.together(ada, ben, cora, dan);
    assert.notEqual(newest(cora, 'ready').digest, digest);
    await recover(ada, ben, cora, dan);
  });

  it('drops an event: its number is missed, and what was lost is asked for again', async () => {
    const { ada, ben, cora } = await three();
    const phases: string[] = [];
    cora.meeting.onChange(({ phase }) => phases.push(phase.kind));
    cora.middle.lose = 1;
    const dan = await world.enter('dan');
    await world.flow('it is noticed', () => phases.includes('reconnecting'));
    await recover(ada, ben, cora, dan);
  });

  it('brings an external commit', async () => {
    const { ada, ben, cora } = await three();
    const commit = world.keep(await externalCommit(world.context()));
    const { generation, epoch, digest } = newest(ada, 'ready');
    for (const { middle } of [ada, ben, cora])
      middle.tellGroup({ kind: 'commit', generation, past: { epoch, commit }, by: idOf(ada) });
    await world.flow('it is named', () => named('group.refused', ada, ben, cora));
    for (const { meeting } of [ada, ben, cora])
      assert.match(meeting.state.problem?.message ?? '', /mls\.wrong-kind/);
    assert.equal(newest(ada, 'ready').digest, digest, 'nothing of it was taken');
    await recover(ada, ben, cora);
  });

  it('alters a blob', async () => {
    const { ada, ben } = await two();
    const honest = ada.middle.blobs.get;
    const flip = ({ middle }: Victim) =>
      Object.assign(middle.blobs, {
        get: async (...asked: Parameters<typeof honest>) => {
          const bytes = await honest(...asked);
          return bytes.with(0, (bytes[0] ?? 0) ^ 1);
        },
      });
    for (const one of [ada, ben]) flip(one);
    const entering = world.enter('carol');
    await world.flow('it is named', () => [ada, ben].some((one) => named('group.blob-altered', one)));
    for (const { middle } of [ada, ben]) Object.assign(middle.blobs, { get: honest });
    await recover(ada, ben, await entering);
  });

  it('gives who was removed nothing to open with, whatever they kept', async () => {
    const { ada, ben, cora } = await three();
    const { person } = world.officials.carol;
    assert.equal(codeOf(await ada.meeting.order({ kind: 'remove', person, isForGood: true })), 'ok');
    await world.together(ada, ben);
    await world.pass(PAST_EPOCHS_MS);
    const held = new Set(cora.keys.baseKeys.map(toHex));
    for (const { keys } of [ada, ben])
      for (const key of keys.open.values()) assert.equal(held.has(key), false);
    const before = world.door.net.sealed.length;
    await recover(ada, ben);
    assert.deepEqual(stolen(cora.keys, world.door.net.sealed.slice(before)), { sent: 6, opened: 0 });
  });

  it('brings frames again, cut, flipped, of another sender and of epochs that are over: none is opened, and nothing changes', async () => {
    const { ada, ben, cora } = await three();
    await world.hearEachOther(ada, ben, cora);
    const { net } = world.door;
    const from = { participant: idOf(ben), source: 'microphone', codec: 'opus' } as const;
    const codes = (wires: readonly Bytes[]): Set<string> =>
      new Set(wires.map((wire) => codeOf(ada.frameKeys.open(wire, from))));
    const before = net.sealed.length;
    ben.port.sendFrames('microphone', 2);
    const [wire, fresh] = net.sealed.slice(before) as [Bytes, Bytes];
    assert.deepEqual(codes([wire, fresh]), new Set(['frame.replayed']), 'both came, and were opened');
    const bits = [...wire.keys()].flatMap((i) => [1, 128].map((bit) => wire.with(i, (wire[i] ?? 0) ^ bit)));
    const cuts = [...wire.keys()].map((length) => wire.slice(0, length));
    assert.equal(codes([...bits, ...cuts]).has('ok'), false);
    assert.equal(
      codeOf(ada.frameKeys.open(wire, { ...from, participant: idOf(cora) })),
      'frame.sender-mismatch',
    );
    await world.hearEachOther(ada, ben, cora);
    const dan = await world.enter('dan');
    await world.together(ada, ben, cora, dan);
    await world.pass(PAST_EPOCHS_MS);
    assert.deepEqual(codes([wire]), new Set(['frame.forgotten-epoch']));
    await recover(ada, ben, cora, dan);
  });

  it('keeps everything, and has every device after the meeting: nothing opens', async () => {
    const { ada, ben, cora } = await three();
    await world.hearEachOther(ada, ben, cora);
    const dan = await world.enter('dan');
    await world.together(ada, ben, cora, dan);
    await world.hearEachOther(ada, ben, cora, dan);
    const { sealed } = world.door.net;
    assert.ok(stolen(world.secrets, sealed.slice(-2)).opened === 2, 'the keys that were would open it');
    const all = [ada, ben, cora, dan];
    for (const { meeting } of all) void meeting.leave();
    await world.flow('all are out', () => all.every(({ meeting }) => meeting.state.phase.kind === 'closed'));
    for (const [i, { frameKeys }] of all.entries())
      for (const wire of sealed)
        for (const sender of all) {
          const opened = frameKeys.open(wire, {
            participant: idOf(sender),
            source: 'microphone',
            codec: 'opus',
          });
          assert.equal(opened.ok, false, `the device of number ${i}`);
        }
    assert.ok(world.secrets.groups.length >= all.length);
    for (const group of world.secrets.groups) assert.equal(codeOf(await group.baseKey(32)), 'mls.ended');
    for (const key of world.secrets.handedOn) assert.ok(key.every((byte) => byte === 0));
    for (const key of ada.keys.open.values()) assert.fail(`${key} is open`);
  });
});
