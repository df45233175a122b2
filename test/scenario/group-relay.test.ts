/** The relay's side of a meeting's group: raw members over real sockets, on a driven clock. */
import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, describe, it } from 'node:test';
import { BATCH_MS, silentAfterMs } from '../../src/signaling/delivery/limits.ts';
import { HEARTBEAT_RATE, PAST_SENDER_MS, READY_BATCH_MS } from '../../src/signaling/group/limits.ts';
import { senderNumber } from '../../src/signaling/group/senders.ts';
import { DEFAULT_LIMITS } from '../../src/signaling/limits.ts';
import { digestOf, type GroupMember, GroupRelay } from '../support/group-relay.ts';
import { Ministry, type Official } from '../support/ministry.ts';
import { eventually } from '../support/until.ts';

const DIGEST = digestOf('code of an epoch');
const STATEMENT = {
  kind: 'heartbeat',
  alg: 'ES256',
  bytes: 'e30',
  signature: 'c2ln',
  signer: digestOf('a key'),
} as const;

describe('a meeting’s group at the relay', () => {
  let ministry: Ministry;
  let people: Official[];
  let relay: GroupRelay;

  before(async () => {
    ministry = await Ministry.open();
    people = await Promise.all(['alice', 'bob', 'carol', 'dan'].map((name) => ministry.official(name)));
  });
  beforeEach(async () => {
    relay = await GroupRelay.start(ministry, people[0] as Official);
  });
  afterEach(() => relay.close());

  const enter = (count: number): Promise<GroupMember[]> =>
    people
      .slice(0, count)
      .reduce<Promise<GroupMember[]>>(
        async (before, who) => [...(await before), await relay.enter(who)],
        Promise.resolve([]),
      );
  const three = async () => {
    const [alice, bob, carol] = await enter(3);
    assert.ok(alice && bob && carol);
    return { alice, bob, carol, at: await relay.group(alice, bob, carol) };
  };
  const adopted = (at: { generation: number; epoch: number }, ...members: GroupMember[]) =>
    Promise.all(members.map((member) => member.said({ kind: 'adopted', ...at })));
  const ready = (at: { generation: number; epoch: number }, leaf: number, digest = DIGEST) =>
    ({ kind: 'ready', ...at, digest, leaf }) as const;
  const expected = ({ participant }: GroupMember) => relay.server.media.expected.get(participant);

  it('has the first one begin it, and others join by a Welcome whose bytes it gives them', async () => {
    const { alice, bob, carol } = await three();
    const welcome = bob.words().find((heard) => heard.kind === 'welcome');
    assert.ok(welcome?.kind === 'welcome');
    assert.deepEqual([welcome.generation, welcome.epoch], [0, 1]);
    const bytes = await bob.get(welcome.welcome.hash);
    assert.equal(bytes.body.toString(), `welcome ${bob.participant}`);
    assert.match((await carol.get(welcome.tree.hash)).body.toString(), /^tree /);
    const kinds = (member: GroupMember) => member.words().map(({ kind }) => kind);
    assert.deepEqual(kinds(alice), ['ask-create', 'accepted', 'ask-commit', 'accepted']);
    assert.deepEqual(kinds(bob), ['welcome']);
  });

  it('takes the first of two commits at once, and gives it to the other with the refusal', async () => {
    const { alice, bob, carol, at } = await three();
    await relay.turnOf(bob, at);
    const first = await bob.commit(at, []);
    const second = await carol.commit(at, []);
    const { epoch, commit } = await bob.heard('accepted');
    assert.deepEqual([epoch, commit], [2, first.hash]);
    const refused = await carol.heard('refused');
    assert.equal(refused.code, 'delivery.stale');
    assert.equal(refused.commit, second.hash);
    assert.deepEqual(refused.missed, [{ epoch: 1, commit: first }]);
    const heard = await alice.heard('commit');
    assert.deepEqual([heard.by, heard.past], [bob.participant, { epoch: 1, commit: first }]);
    assert.match((await alice.get(heard.past.commit.hash)).body.toString(), /^commit 0\/1/);
  });

  it('asks another member where the committer is silent, in its time and not before', async () => {
    const { alice, bob, carol, at } = await three();
    await adopted(at, bob, carol);
    const dan = await relay.enter(people[3] as Official);
    await dan.enter();
    const asks = () =>
      [alice, bob, carol].flatMap((member) =>
        member.words().filter((heard) => heard.kind === 'ask-commit' && heard.epoch === at.epoch),
      ).length;
    relay.server.clock.advance(BATCH_MS);
    await eventually('one was asked', () => asks() === 1);
    relay.server.clock.advance(silentAfterMs(4) - 1);
    for (const member of [alice, bob, carol]) await member.said({ kind: 'catch-up', ...at });
    assert.equal(asks(), 1);
    relay.server.clock.advance(1);
    await eventually('another one was asked', () => asks() === 2);
  });

  it('has somebody removed at once whose session ended, and takes nothing else before', async () => {
    const { alice, bob, carol, at } = await three();
    await adopted(at, bob, carol);
    await carol.client.done('leave');
    const asked = await Promise.race([alice.heard('ask-commit'), bob.heard('ask-commit')]);
    assert.deepEqual([asked.add, asked.remove], [[], [carol.participant]]);
    const asker = alice.words().some((heard) => heard.kind === 'ask-commit' && heard.remove.length > 0)
      ? alice
      : bob;
    const other = asker === alice ? bob : alice;
    await other.commit(at, []);
    assert.equal((await other.heard('refused')).code, 'delivery.removals-first');
    await asker.commit(at, [], [carol.participant]);
    assert.equal((await asker.heard('accepted')).epoch, 2);
    assert.equal((await other.heard('commit')).by, asker.participant);
    assert.equal(
      carol.words().some(({ kind }) => kind === 'commit'),
      false,
    );
  });

  it('gives who missed commits those that it keeps, and the hash of the newest', async () => {
    const { bob, carol, at } = await three();
    await relay.turnOf(bob, at);
    const commit = await bob.commit(at, []);
    await carol.said({ kind: 'catch-up', ...at });
    const caught = await carol.heard('caught-up');
    assert.deepEqual(caught, { kind: 'caught-up', missed: [{ epoch: 1, commit }], head: commit.hash });
  });

  it('asks a second member about a declined joiner, then tells it, and lets it in with another key package', async () => {
    const { alice, bob, carol, at } = await three();
    await adopted(at, bob, carol);
    const dan = await relay.enter(people[3] as Official);
    await dan.enter('bad key package');
    relay.server.clock.advance(BATCH_MS);
    const members = [alice, bob, carol];
    const asks = (member: GroupMember) =>
      member.words().filter((heard) => heard.kind === 'ask-commit' && heard.add.some(isDan)).length;
    const isDan = ({ participant }: { participant: string }) => participant === dan.participant;
    const asked = async (before: GroupMember[]): Promise<GroupMember> => {
      const found = () => members.find((member) => !before.includes(member) && asks(member) > 0);
      await eventually('somebody was asked for the joiner', () => found() !== undefined);
      return found() as GroupMember;
    };
    const first = await asked([]);
    await first.said({ kind: 'decline', ...at, participant: dan.participant });
    const second = await asked([first]);
    assert.equal(
      dan.words().some(({ kind }) => kind === 'refused'),
      false,
      'one word keeps nobody out',
    );
    await second.said({ kind: 'decline', ...at, participant: dan.participant });
    assert.equal((await dan.heard('refused')).code, 'delivery.declined');
    await dan.enter('good key package');
    relay.server.clock.advance(BATCH_MS);
    const third = await asked([first, second]);
    await third.commit(at, [dan.participant]);
    assert.equal((await dan.heard('welcome')).epoch, 2);
  });

  it('puts who commits twice what the others refuse out of the meeting, on record', async () => {
    const { alice, bob, carol, at } = await three();
    await adopted(at, bob, carol);
    await relay.turnOf(bob, at);
    for (const name of ['first bad one', 'second bad one']) {
      await bob.commit(at, [], [], name);
      await bob.heard('accepted');
      const next = { generation: 0, epoch: 2 };
      for (const member of [alice, carol]) await member.said({ kind: 'reject', ...next, reason: 'signed' });
      assert.equal((await alice.heard('reopened')).epoch, 1);
    }
    assert.deepEqual(await bob.client.closed, { status: 4412, reason: 'entry.over' });
    const left = await alice.client.event('participant-left');
    assert.deepEqual([left.participant, left.why], [bob.participant, 'removed']);
    assert.ok(
      relay.server.record.entries.some(
        (entry) =>
          entry.kind === 'decision' && entry.rule === 'group.expelled' && entry.on === bob.participant,
      ),
    );
    const asked = await Promise.race([alice.heard('ask-commit'), carol.heard('ask-commit')]);
    assert.deepEqual(asked.remove, [bob.participant]);
  });

  it('tells who is ready in batches, two digests of one epoch apart', async () => {
    const { alice, bob, carol, at } = await three();
    await bob.said(ready(at, 1));
    await alice.said(ready(at, 0));
    await carol.said(ready(at, 2, digestOf('a fork')));
    const isTold = (member: GroupMember) => member.words().some(({ kind }) => kind === 'ready');
    relay.server.clock.advance(READY_BATCH_MS - 1);
    await carol.said({ kind: 'catch-up', ...at });
    assert.equal(isTold(carol), false);
    relay.server.clock.advance(1);
    const [one, two] = [await carol.heard('ready'), await carol.heard('ready')];
    assert.deepEqual([one.from, one.digest], [[bob.participant, alice.participant], DIGEST]);
    assert.deepEqual([two.from, two.digest], [[carol.participant], digestOf('a fork')]);
  });

  it('gives heartbeats to all others and not to their sender, and not more of them than may be', async () => {
    const { alice, bob, carol } = await three();
    await alice.said({ kind: 'heartbeat', statement: STATEMENT });
    for (const member of [bob, carol]) {
      const { from, statement } = await member.heard('heartbeat');
      assert.deepEqual([from, statement], [alice.participant, STATEMENT]);
    }
    for (let i = 1; i < HEARTBEAT_RATE.burst; i++)
      await alice.said({ kind: 'heartbeat', statement: STATEMENT });
    const more = await alice.say({ kind: 'heartbeat', statement: STATEMENT });
    assert.equal(more.error?.code, 'group.too-often');
    relay.server.clock.advance(1_000 / HEARTBEAT_RATE.perSecond);
    await alice.said({ kind: 'heartbeat', statement: STATEMENT });
    const beats = (member: GroupMember) => member.words().filter(({ kind }) => kind === 'heartbeat').length;
    await eventually('the last one came', () => beats(bob) > HEARTBEAT_RATE.burst);
    assert.deepEqual([beats(alice), beats(bob)], [0, HEARTBEAT_RATE.burst + 1]);
  });

  it('keeps the newest card of each and the title, gives them to who is new, and passes later ones on', async () => {
    const { alice, bob } = await three();
    const card = (epoch: number) => ({ epoch, sealed: 'c'.repeat(1_088) });
    const title = { kind: 'title', epoch: 0, sealed: 't'.repeat(8_256) } as const;
    await bob.said({ kind: 'card', ...card(0) });
    await bob.said({ kind: 'card', ...card(1) });
    const bobs = { participant: bob.participant, ...card(1) };
    await alice.heard('cards');
    assert.deepEqual((await alice.heard('cards')).cards, [bobs]);
    const refused = await bob.say(title);
    assert.equal(refused.error?.code, 'group.not-a-leader');
    await alice.said(title);
    assert.deepEqual(await bob.heard('title'), title);
    const dan = await relay.enter(people[3] as Official);
    const isOfHall = ({ kind }: { kind: string }) => kind === 'cards' || kind === 'title';
    assert.deepEqual(dan.words().filter(isOfHall), []);
    await dan.enter();
    assert.deepEqual((await dan.heard('cards')).cards, [bobs]);
    assert.deepEqual(await dan.heard('title'), title);
  });

  it('hears nothing that counts from who is in the meeting and not in the group', async () => {
    const { alice, at } = await three();
    const dan = await relay.enter(people[3] as Official);
    assert.equal((await dan.say(ready(at, 3))).error?.code, 'group.not-a-member');
    const beat = await dan.say({ kind: 'heartbeat', statement: STATEMENT });
    assert.equal(beat.error?.code, 'group.not-a-member');
    await dan.commit(at, [], [alice.participant]);
    assert.equal((await dan.heard('refused')).code, 'delivery.not-a-member');
    await dan.said({ kind: 'catch-up', ...at });
    assert.equal((await dan.heard('refused')).code, 'delivery.not-a-member');
  });

  it('knows who speaks by the session alone', async () => {
    const { alice, bob, at } = await three();
    const said = { kind: 'catch-up', ...at, from: alice.participant };
    assert.equal(await bob.client.refusal('group', { said }), 'protocol.invalid');
  });

  it('makes somebody who enters too often wait', async () => {
    const { bob } = await three();
    const keyPackage = await bob.keep('another key package');
    const answers: (string | undefined)[] = [];
    for (let i = 0; i < 9; i++) answers.push((await bob.say({ kind: 'enter', keyPackage })).error?.code);
    assert.ok(answers.includes('group.too-often'));
    assert.equal(answers[0], undefined);
  });

  it('cuts who floods it, removes that one at once, and serves the others', async () => {
    const { alice, bob, carol, at } = await three();
    await adopted(at, bob, carol);
    const { burst } = DEFAULT_LIMITS.rateInMeeting;
    for (let i = 0; i <= burst; i++) carol.client.ask('group', { said: { kind: 'catch-up', ...at } });
    assert.deepEqual(await carol.client.closed, { status: 4406, reason: 'rate.exceeded' });
    const asked = await Promise.race([alice.heard('ask-commit'), bob.heard('ask-commit')]);
    assert.deepEqual(asked.remove, [carol.participant]);
    assert.equal((await carol.get(digestOf('anything'))).status, 403);
    await alice.said({ kind: 'catch-up', ...at });
    assert.deepEqual((await alice.heard('caught-up')).missed, []);
  });

  describe('and the numbers that the witness takes', () => {
    it('are none until the first word, then those of leaf and epoch, and the one before for a while', async () => {
      const { alice, bob, carol, at } = await three();
      assert.deepEqual(expected(bob), [], 'not the one that it announced either');
      await bob.said(ready(at, 5));
      assert.deepEqual(expected(bob), [senderNumber(5, 1)]);
      assert.equal(senderNumber(5, 1), (5 << 4) | 1);
      await adopted(at, bob, carol);
      await relay.turnOf(alice, at);
      await alice.commit(at, []);
      await alice.heard('accepted');
      assert.deepEqual(expected(bob), [senderNumber(5, 2), senderNumber(5, 1)], 'media overtakes words');
      await bob.said(ready({ generation: 0, epoch: 2 }, 5));
      relay.server.clock.advance(PAST_SENDER_MS - 1);
      assert.deepEqual(expected(bob), [senderNumber(5, 2), senderNumber(5, 1)]);
      relay.server.clock.advance(READY_BATCH_MS + 1);
      assert.deepEqual(expected(bob), [senderNumber(5, 2)]);
    });

    it('leave a leaf to who said first that it is there, and put both on record', async () => {
      const { alice, bob, carol, at } = await three();
      await bob.said(ready(at, 1));
      assert.equal((await carol.say(ready(at, 1))).error?.code, 'group.leaf-taken');
      assert.deepEqual(expected(carol), []);
      assert.ok(
        relay.server.record.entries.some(
          (entry) =>
            entry.kind === 'decision' && entry.rule === 'group.leaf-taken' && entry.on === bob.participant,
        ),
      );
      assert.equal((await bob.say(ready(at, 4))).error?.code, 'group.leaf-taken', 'nor has anybody two');
      await alice.said(ready(at, 0));
      assert.deepEqual(expected(alice), [senderNumber(0, 1)]);
    });
  });

  it('knows nobody after a restart, and takes everybody anew', async () => {
    const { at } = await three();
    await relay.restart();
    const bob = await relay.enter(people[1] as Official);
    await bob.said({ kind: 'catch-up', ...at });
    assert.equal((await bob.heard('refused')).code, 'delivery.not-a-member');
    assert.deepEqual(await relay.group(bob), { generation: 0, epoch: 0 });
  });

  it('forgets everything of a meeting that ends', async () => {
    const { alice, bob } = await three();
    const kept = await alice.keep('something');
    relay.server.signaling.endMeeting(relay.meeting);
    await alice.client.closed;
    await bob.client.closed;
    assert.equal((await alice.get(kept.hash)).status, 403);
  });
});
