/** Meetings by their rules, over real sockets: every order is signed, and whoever is in plays the chain as a client does. */
import assert from 'node:assert/strict';
import { afterEach, before, describe, it, type TestContext } from 'node:test';
import { DEFAULT_LIMITS } from '../../src/signaling/limits.ts';
import { Sessions } from '../../src/signaling/session/sessions.ts';
import type { Charter } from '../../src/trust/charter/charter.ts';
import { ALL, whom } from '../support/acts.ts';
import { ConductWorld, type Visitor } from '../support/conduct-world.ts';
import { Ministry, type Official, prove } from '../support/ministry.ts';
import { RawClient } from '../support/raw-client.ts';
import { STORE_KINDS, type StoreKind } from '../support/store-kinds.ts';
import { eventually } from '../support/until.ts';

const { entryRefusalMs, graceMs, joinMs, heartbeatMs } = DEFAULT_LIMITS;

const conductWith = ({ newRig }: StoreKind) => {
  let ministry: Ministry;
  let [ada, dep, bob, eve, zoe]: Official[] = [];
  let world: ConductWorld;

  before(async () => {
    ministry = await Ministry.open();
    [ada, dep, bob, eve, zoe] = await Promise.all(
      ['ada', 'dep', 'bob', 'eve', 'zoe'].map((name) => ministry.official(name)),
    );
  });
  afterEach(() => world.close());

  const official = (who: Official | undefined): Official => who ?? assert.fail('nobody');
  /** Ada’s meeting: whoever is cleared may come, and waits, but for Ada and her deputy. */
  const convene = async (change: Partial<Charter> = {}, limits = {}) => {
    const charter: Partial<Charter> = {
      admission: { kind: 'cleared' },
      deputies: [official(dep).person],
      ...change,
    };
    world = await ConductWorld.convene(ministry, official(ada), charter, limits, newRig());
  };
  const named = (...people: (Official | undefined)[]): Charter['admission'] => ({
    kind: 'roster',
    persons: people.map((who) => official(who).person),
  });
  /** Once it has heard of the entry of that number. */
  const told = ({ client }: Visitor, n: number) =>
    client.until(({ event }) => event?.kind === 'entry' && String(event.entry).startsWith(`{"n":${n},`));
  /** Cut off, and found so by the relay. */
  const cut = async ({ client }: Visitor) => {
    const before = world.server.signaling.stats().sockets;
    await client.vanish();
    await eventually('the relay found it gone', () => world.server.signaling.stats().sockets < before);
  };
  const enter = (who: Official | undefined) => world.enter(official(who));
  const wait = (who: Official | undefined) => world.wait(official(who));
  const decisions = () =>
    world.server.record.entries.flatMap((entry) =>
      entry.kind === 'decision' ? [`${entry.asked} ${entry.allowed} ${entry.rule}`] : [],
    );
  const acts = () =>
    world.server.record.entries.flatMap((entry) =>
      entry.kind === 'act' ? [`${entry.order} ${entry.allowed} ${entry.rule} ${entry.on.length}`] : [],
    );
  const kindsOf = ({ client }: Visitor) => client.received.map(({ event, re }) => event?.kind ?? `re ${re}`);
  const participantOf = async (visitor: Visitor) => String((await world.answered(visitor)).body?.participant);

  it('lets nobody in by clearance alone: who waits is told nothing else, and the chair who it is', async () => {
    await convene();
    const chair = await enter(ada);
    const guest = await wait(bob);
    const atDoor = await chair.client.event('at-door');
    assert.equal(
      (atDoor.credentials as { certificate: string }).certificate,
      official(bob).signer.certificate,
    );
    assert.deepEqual(guest.client.eventKinds(), ['waiting']);
    for (const kind of ['history', 'act', 'receive', 'create-transport'])
      assert.notEqual((await guest.client.request(kind, { after: 0 })).ok, true, kind);
    assert.equal(
      await guest.client.refusal('challenge', { meeting: world.meeting, purpose: 'enter' }),
      'order.entering',
    );
    // Entries that everybody hears who is in.
    for (const order of [{ kind: 'lock' }, { kind: 'raise-hand' }] as const)
      assert.equal(await world.order(chair, order), 'ok');
    await guest.client.request('history', { after: 0 });
    assert.deepEqual(guest.client.eventKinds(), ['waiting'], 'no roster, no entries, no title');
    assert.equal(chair.client.eventKinds().includes('participant-joined'), false);

    assert.equal(await world.order(chair, { kind: 'admit', whom: whom('bob') }), 'ok');
    const { body } = await world.answered(guest);
    assert.equal((body?.roster as unknown[] | undefined)?.length, 1);
    await chair.client.event('participant-joined');
    const { state, head } = await world.play();
    assert.deepEqual([...state.present], ['ada', 'bob']);
    assert.deepEqual(body?.head, head, 'the chain with its own arrival');
    assert.deepEqual(decisions().slice(1), [
      'entry true charter',
      'entry false lobby',
      'entry true act.admit',
    ]);
    assert.deepEqual(acts(), ['lock true acts 0', 'raise-hand true acts 0', 'admit true acts 1']);
  });

  it('shows everybody the same chain: by history from the start, and entry by entry from then on', async () => {
    await convene({
      admission: named(ada, dep, bob),
    });
    const chair = await enter(ada);
    const guest = await enter(bob);
    const { n = 0 } = ((await world.answered(guest)).body?.head ?? {}) as { n?: number };
    const { entries, head } = await world.history(guest);
    assert.equal(head.n, n);
    await world.order(chair, { kind: 'lock' });
    await world.order(guest, { kind: 'raise-hand' });
    await told(guest, n + 2);
    const heard = guest.client.received.flatMap(({ event }) =>
      event?.kind === 'entry' ? [event.entry] : [],
    );
    assert.deepEqual([...entries, ...heard], world.texts());
    assert.deepEqual((await world.history(guest, n)).entries, heard);
    const place = await world.play([...entries, ...heard] as string[]);
    assert.deepEqual(await world.history(guest, 99), { entries: [], head: place.head });
    assert.deepEqual([...place.state.hands], ['bob']);
  });

  it('admits all, turns one away at once with a reference, and lets that one knock again', async () => {
    await convene();
    const chair = await enter(ada);
    const guests = [await wait(bob), await wait(eve)];
    const other = await wait(zoe);
    assert.equal(await world.order(chair, { kind: 'turn-away', whom: whom('zoe') }), 'ok');
    const { error } = await world.answered(other);
    assert.equal(error?.code, 'entry.refused');
    const refused = world.server.record.entries.at(-1);
    assert.ok(refused?.kind === 'decision' && refused.reference === error?.reference);
    assert.equal(refused.rule, 'act.turn-away');
    assert.equal(await world.order(chair, { kind: 'admit', whom: ALL }), 'ok');
    for (const guest of guests) assert.equal((await world.answered(guest)).ok, true);
    await world.knockAgain(other);
    await told(chair, 7);
    assert.deepEqual([...(await world.play()).state.waiting], ['zoe']);
  });

  it('takes who goes or is cut off from before the door', async () => {
    await convene();
    const chair = await enter(ada);
    const [polite, lost] = [await wait(bob), await wait(eve)];
    assert.equal((await polite.client.request('leave')).ok, true);
    assert.deepEqual(await polite.client.closed, { status: 1000, reason: 'session.left' });
    await lost.client.vanish();
    await told(chair, 5);
    const { state } = await world.play();
    assert.deepEqual([...state.waiting], []);
    assert.equal(await world.order(chair, { kind: 'admit', whom: whom('bob') }), 'act.not-waiting');
  });

  it('lets somebody wait for longer than one may take to join', async () => {
    const patient = { silentMs: 10 * joinMs };
    await convene({}, patient);
    const guest = await wait(bob);
    for (let ms = 0; ms < 2 * joinMs; ms += heartbeatMs) world.server.clock.advance(heartbeatMs);
    const chair = await enter(ada);
    assert.equal(await world.order(chair, { kind: 'admit', whom: ALL }), 'ok');
    assert.equal((await world.answered(guest)).ok, true);
  });

  it('tells a chair who comes later, and one to whom the chair is handed, who waits', async () => {
    await convene({ admission: { kind: 'cleared' } });
    await wait(bob);
    const chair = await enter(ada);
    assert.equal((await chair.client.event('at-door')).kind, 'at-door');
    const deputy = await enter(dep);
    assert.equal(deputy.client.eventKinds().includes('at-door'), false);
    await world.order(chair, { kind: 'hand-over-chair', to: official(dep).person });
    await deputy.client.event('at-door');
  });

  it('tells a chair who resumes of those who came to the door meanwhile', async () => {
    await convene();
    const chair = await enter(ada);
    await cut(chair);
    await wait(bob);
    const { session, secret, client } = chair;
    const nonce = { nonce: secret, connection: session, meeting: world.meeting, purpose: 'resume' } as const;
    const resume = { session, secret, received: client.lastSeq, proof: await prove(official(ada), nonce) };
    const back = await RawClient.open(world.server.url);
    back.send({ id: 900, kind: 'hello', version: 1, resume });
    await back.event('at-door');
  });

  it('puts somebody before the door, whose session goes on and comes in again by the chair’s word', async () => {
    await convene({
      admission: named(ada, dep, bob),
    });
    const [chair, guest] = [await enter(ada), await enter(bob)];
    assert.equal(await world.order(chair, { kind: 'to-lobby', person: official(bob).person }), 'ok');
    await guest.client.event('to-lobby');
    assert.equal((await chair.client.event('participant-left')).why, 'removed');
    assert.equal(await guest.client.refusal('history', { after: 0 }), 'order.join-first');
    await world.knockAgain(guest);
    await guest.client.event('waiting');
    assert.equal(await world.order(chair, { kind: 'admit', whom: whom('bob') }), 'ok');
    assert.equal((await world.answered(guest)).ok, true);
    assert.deepEqual([...(await world.play()).state.present], ['ada', 'bob']);
  });

  it('counts the chair’s word also for one who was sent back and has not knocked again', async () => {
    await convene({
      admission: named(ada, dep, bob),
    });
    const [chair, guest] = [await enter(ada), await enter(bob)];
    await world.order(chair, { kind: 'to-lobby', person: official(bob).person });
    await world.order(chair, { kind: 'admit', whom: whom('bob') });
    assert.deepEqual([...(await world.play()).state.present], ['ada'], 'nobody is in who is not there');
    await world.knockAgain(guest);
    assert.equal((await world.answered(guest)).ok, true);
  });

  it('forgets one who was sent back and went', async () => {
    await convene({
      admission: named(ada, dep, bob),
    });
    const [chair, guest] = [await enter(ada), await enter(bob)];
    await world.order(chair, { kind: 'to-lobby', person: official(bob).person });
    await guest.client.vanish();
    await told(chair, 4);
    assert.deepEqual([...(await world.play()).state.waiting], []);
  });

  it('has one wait no longer who was sent back without a connection, or resumes with a secret alone', async () => {
    await convene({ admission: named(ada, dep, bob, eve) });
    const [chair, lost, stolen] = [await enter(ada), await enter(bob), await enter(eve)];
    await cut(lost);
    await world.order(chair, { kind: 'to-lobby', person: official(bob).person });
    await world.order(chair, { kind: 'to-lobby', person: official(eve).person });
    await stolen.client.event('to-lobby');
    assert.deepEqual([...(await world.play()).state.waiting], ['eve']);
    for (const { session, secret, client } of [lost, stolen]) {
      const thief = await world.server.resume({ session, secret, received: client.lastSeq });
      assert.equal((await thief.closed).reason, 'resume.refused');
    }
    await world.knockAgain(stolen);
    await stolen.client.event('waiting');
  });

  it('keeps a locked meeting as it is, also from those who are named', async () => {
    await convene({
      admission: named(ada, dep, bob),
    });
    const chair = await enter(ada);
    await world.order(chair, { kind: 'lock' });
    const guest = await wait(bob);
    await enter(dep);
    await world.order(chair, { kind: 'unlock' });
    assert.equal((await world.answered(guest)).ok, true);
  });

  it('has everybody wait until somebody leads, where the charter says so', async () => {
    await convene({
      opensByItself: false,
      admission: named(ada, dep, bob),
    });
    const guest = await wait(bob);
    await enter(dep);
    assert.equal((await world.answered(guest)).ok, true);
  });

  it('removes for good: by any device, and over a restart, in the words and at the time of every refusal', async () => {
    await convene();
    const chair = await enter(ada);
    const guest = await wait(bob);
    await world.order(chair, { kind: 'admit', whom: ALL });
    await world.answered(guest);
    assert.equal(
      await world.order(chair, { kind: 'remove', person: official(bob).person, isForGood: true }),
      'ok',
    );
    assert.deepEqual(await guest.client.closed, { status: 4412, reason: 'entry.over' });
    assert.ok(decisions().includes('stay false act.remove'));
    const again = async (who: Official) => {
      const from = world.server.log.length;
      const visitor = await world.knock(who);
      await world.server.logged('entry.refused', from);
      world.server.clock.advance(entryRefusalMs - 1);
      await visitor.client.request('request-key-frame', { consumer: 'none' });
      assert.equal(
        visitor.client.received.some(({ re }) => re === visitor.entering),
        false,
      );
      world.server.clock.advance(1);
      const { error } = await world.answered(visitor);
      assert.deepEqual([error?.code, error?.message], ['entry.refused', 'not admitted']);
      assert.equal(decisions().at(-1), 'entry false entry.banned');
      assert.equal(visitor.client.eventKinds().length, 0);
    };
    const other = await ministry.official('bob', { device: 'bob-2' });
    const length = world.texts().length;
    await again(official(bob));
    await again(other);
    assert.equal(world.texts().length, length, 'who may never come in writes nothing');
    await world.restart();
    await again(other);
  });

  it('has an entry for a newer device of somebody who is in, and never both', async () => {
    await convene();
    const [chair, older] = [await enter(ada), await wait(bob)];
    await world.order(chair, { kind: 'admit', whom: ALL });
    const first = await participantOf(older);
    await world.order(older, { kind: 'raise-hand' });
    const newer = await enter(await ministry.official('bob', { device: 'bob-2' }));
    const { body } = await world.answered(newer);
    assert.equal(body?.replaces, first);
    assert.deepEqual(await older.client.closed, { status: 4413, reason: 'entry.replaced' });
    assert.equal(older.client.eventKinds().at(-1), 'replaced');
    assert.equal((body?.roster as unknown[] | undefined)?.length, 1, 'the chair alone');
    await chair.client.until(
      ({ event }) => event?.kind === 'participant-joined' && event.participant === body?.participant,
    );
    const seen = chair.client.received.flatMap(({ event }) =>
      event?.kind === 'participant-left' || event?.kind === 'participant-joined' ? [event.kind] : [],
    );
    assert.deepEqual(seen, ['participant-joined', 'participant-left', 'participant-joined']);
    assert.ok(world.server.media.left.includes(first as never));
    const { state } = await world.play();
    assert.deepEqual(
      [[...state.present], [...state.hands]],
      [['ada', 'bob'], ['bob']],
      'its place and hand are kept',
    );
    assert.equal(await world.order(newer, { kind: 'lower-hand', person: official(bob).person }), 'ok');
  });

  /** What the relay says to whom, in the order in which it does; what else happens is put between. */
  const listen = (mock: TestContext['mock']) => {
    const said: string[] = [];
    const { deliver } = Sessions.prototype;
    mock.method(
      Sessions.prototype,
      'deliver',
      function (this: Sessions, ...given: Parameters<typeof deliver>) {
        const message = deliver.apply(this, given);
        const { event, re } = JSON.parse(Buffer.from(message ?? []).toString() || '{}');
        said.push(`${given[0].id} ${event?.kind ?? (re && 'reply')}`);
        return message;
      },
    );
    const { end } = Sessions.prototype;
    mock.method(Sessions.prototype, 'end', function (this: Sessions, ...given: Parameters<typeof end>) {
      said.push(`${given[0].id} ended`);
      return end.apply(this, given);
    });
    return (...visitors: readonly Visitor[]) =>
      said.flatMap((one) => {
        const [id, what] = one.split(' ');
        const at = visitors.findIndex(({ session }) => session === id);
        return at < 0 ? [] : [`${at} ${what}`];
      });
  };

  it('tells the newer device first, then the older one, and only then lets the newer one in', async ({
    mock,
  }) => {
    await convene({ admission: named(ada, dep, bob) });
    await enter(ada);
    const older = await enter(bob);
    const said = listen(mock);
    const newer = await enter(await ministry.official('bob', { device: 'bob-2' }));
    await older.client.closed;
    assert.deepEqual(
      said(newer, older).filter((one) => one !== '0 reply' && one !== '1 entry'),
      ['0 replacing', '1 replaced', '1 ended'],
    );
    assert.deepEqual(newer.client.eventKinds().slice(0, 1), ['replacing']);
    const order = newer.client.received.map(
      ({ event, re }) => event?.kind ?? (re === newer.entering ? 'in' : ''),
    );
    assert.ok(order.indexOf('replacing') < order.indexOf('in'));
    assert.ok(said(newer, older).lastIndexOf('0 reply') > said(newer, older).indexOf('1 ended'));
  });

  it('tells a newer device so before the door too, and one that comes anew nothing', async ({ mock }) => {
    await convene();
    const older = await wait(bob);
    const said = listen(mock);
    const newer = await wait(await ministry.official('bob', { device: 'bob-2' }));
    assert.deepEqual(
      said(newer, older).filter((one) => one !== '0 reply'),
      ['0 replacing', '1 replaced', '1 ended', '0 waiting'],
    );
    const anew = await wait(newer.who);
    assert.deepEqual(anew.client.eventKinds(), ['waiting']);
    assert.equal((await newer.client.closed).reason, 'entry.replaced');
  });

  it('lets no page of before, whose word comes late, put out the page that was loaded since', async () => {
    await convene({ admission: named(ada, dep, bob) });
    const before = { who: official(bob), ...(await world.server.hello()), entering: 0 };
    const since = await enter(bob);
    const from = world.server.log.length;
    await world.knockAgain(before);
    await world.server.logged('entry.refused', from);
    assert.equal(decisions().at(-1), 'entry false entry.overtaken');
    assert.equal((await since.client.request('history', { after: 0 })).ok, true, 'it is in');
    // Nor does it keep another device of the same person out.
    const { client, session, secret } = before;
    const other = { who: await ministry.official('bob', { device: 'bob-2' }), client, session, secret };
    world.server.clock.advance(entryRefusalMs);
    await world.answered(before);
    const visitor = { ...other, entering: 0 };
    await world.knockAgain(visitor);
    assert.equal((await world.answered(visitor)).ok, true);
  });

  it('lets a newer device wait in the place of an older one', async () => {
    await convene();
    const older = await wait(bob);
    const newer = await wait(await ministry.official('bob', { device: 'bob-2' }));
    assert.deepEqual(await older.client.closed, { status: 4413, reason: 'entry.replaced' });
    const chair = await enter(ada);
    await world.order(chair, { kind: 'admit', whom: ALL });
    assert.equal((await world.answered(newer)).ok, true);
  });

  it('lets somebody come back by another device into a locked meeting, and with the same number', async () => {
    await convene({
      admission: named(ada, dep, bob),
    });
    const chair = await enter(ada);
    const older = await world.knock(official(bob), 77);
    await world.answered(older);
    await world.order(chair, { kind: 'lock' });
    const newer = await world.knock(official(bob), 77);
    assert.equal((await world.answered(newer)).ok, true);
    assert.equal((await older.client.closed).reason, 'entry.replaced');
  });

  it('has half a minute without the chair for the deputy to take it, and not a whole one', async () => {
    await convene({}, { silentMs: 10 * graceMs });
    const [chair, deputy] = [await enter(ada), await enter(dep)];
    const guest = await wait(bob);
    await cut(chair);
    world.server.clock.advance(graceMs - 1);
    assert.equal(await world.order(deputy, { kind: 'take-chair' }), 'act.chair-there');
    world.server.clock.advance(1);
    assert.equal((await deputy.client.event('participant-left')).why, 'connection-lost');
    assert.equal(await world.order(deputy, { kind: 'take-chair' }), 'ok');
    await deputy.client.event('at-door');
    assert.equal(await world.order(deputy, { kind: 'admit', whom: ALL }), 'ok');
    assert.equal((await world.answered(guest)).ok, true);
    const back = await enter(ada);
    assert.equal(await world.order(back, { kind: 'lock' }), 'act.not-chair');
  });

  it('counts half a minute from the goodbye of a chair who leaves', async () => {
    await convene();
    const [chair, deputy] = [await enter(ada), await enter(dep)];
    await chair.client.request('leave');
    await deputy.client.event('participant-left');
    assert.equal(await world.order(deputy, { kind: 'take-chair' }), 'act.chair-there');
    for (let ms = 0; ms < 30_000; ms += heartbeatMs) {
      deputy.client.ping();
      await deputy.client.request('request-key-frame', { consumer: 'none' });
      world.server.clock.advance(heartbeatMs);
    }
    assert.equal(await world.order(deputy, { kind: 'take-chair' }), 'ok');
  });

  it('has as many wait as may, and those in whom nobody need let in', async () => {
    await convene({}, { maxWaiting: 1 });
    const guest = await wait(bob);
    const other = await world.knock(official(eve));
    assert.equal((await world.answered(other)).error?.code, 'join.full');
    const chair = await enter(ada);
    await world.wait(await ministry.official('bob', { device: 'bob-2' }));
    await guest.client.closed;
    assert.equal(await world.order(chair, { kind: 'admit', whom: ALL }), 'ok');
    await world.knockAgain(other);
    await other.client.event('waiting');
  });

  it('tells one who is admitted when there is no place after all, and the chain that this one is not in', async () => {
    await convene({}, { maxParticipants: 2 });
    const [guest, other] = [await wait(bob), await wait(eve)];
    const chair = await enter(ada);
    assert.equal(await world.order(chair, { kind: 'admit', whom: whom('bob', 'eve') }), 'ok');
    assert.equal((await world.answered(guest)).ok, true);
    assert.equal((await world.answered(other)).error?.code, 'join.full');
    assert.deepEqual([...(await world.play()).state.present], ['ada', 'bob']);
    const late = await world.knock(official(zoe));
    assert.equal((await world.answered(late)).error?.code, 'join.full');
  });

  it('says in the chain that somebody is not in whom the media room did not take', async () => {
    await convene();
    await enter(ada);
    world.server.media.enterRefusal = { code: 'media.limit', message: 'full' };
    const deputy = await world.knock(official(dep));
    assert.equal((await world.answered(deputy)).error?.code, 'media.limit');
    assert.deepEqual([...(await world.play()).state.present], ['ada']);
  });

  it('is not filled by one who comes and goes', async () => {
    await convene();
    for (let time = 0; time < 30; time++) await (await enter(dep)).client.request('leave');
    const from = world.server.log.length;
    await world.knock(official(dep));
    await world.server.logged('entry.refused', from);
    assert.equal(decisions().at(-1), 'entry false entry.too-often');
    await enter(ada);
  });

  it('ends for all, for good', async () => {
    await convene();
    const [chair, deputy] = [await enter(ada), await enter(dep)];
    const guest = await wait(bob);
    assert.equal(await world.order(deputy, { kind: 'end' }), 'act.not-chair');
    assert.equal(await world.order(chair, { kind: 'end' }), 'ok');
    for (const { client } of [chair, deputy]) {
      assert.equal((await client.event('meeting-ended')).why, 'ended');
      assert.equal((await client.closed).reason, 'meeting.ended');
    }
    assert.equal((await world.answered(guest)).error?.code, 'entry.refused');
    const kinds = kindsOf(deputy);
    assert.ok(
      kinds.lastIndexOf('entry') < kinds.indexOf('meeting-ended'),
      'the order first, then what follows',
    );
    assert.deepEqual(world.store.openMeetings(), []);
  });

  it('is played again after a restart, and whoever was there has left', async () => {
    await convene();
    const chair = await enter(ada);
    await wait(bob);
    const guest = await wait(eve);
    await world.order(chair, { kind: 'admit', whom: whom('eve') });
    await world.answered(guest);
    await world.order(chair, { kind: 'lock' });
    const before = world.texts();
    await world.restart();
    const { state } = await world.play();
    assert.deepEqual([[...state.present], [...state.waiting], state.isLocked], [[], [], true]);
    assert.deepEqual(world.texts().slice(0, before.length), before);
    const back = await enter(ada);
    assert.equal(await world.order(back, { kind: 'unlock' }), 'ok');
    const again = await world.knock(official(eve));
    assert.equal((await world.answered(again)).ok, true, 'once admitted, by the chair’s word of before');
    assert.deepEqual((await world.history(back)).entries, world.texts());
  });
};

for (const kind of STORE_KINDS)
  describe(`the conduct of a meeting, its store ${kind.name}`, () => conductWith(kind));
