/** What orders do at the relay: media, markings, two people, and acts that nobody gave. Over real sockets, every order signed. */
import assert from 'node:assert/strict';
import { afterEach, before, describe, it } from 'node:test';
import { seededRandom } from '../../bench/random.ts';
import { asId, type ParticipantId } from '../../src/base/ids.ts';
import type { Source } from '../../src/base/media.ts';
import { refuse } from '../../src/base/result.ts';
import { ExportJudge } from '../../src/signaling/audit/export.ts';
import { DEFAULT_LIMITS } from '../../src/signaling/limits.ts';
import type { Order } from '../../src/trust/acts/act.ts';
import { ACT } from '../../src/trust/acts/act.ts';
import { ACT_FRESH_MS, SECOND_WITHIN_MS } from '../../src/trust/acts/rules.ts';
import type { Charter } from '../../src/trust/charter/charter.ts';
import { openAct } from '../../src/trust/signing/act.ts';
import type { StatementDigest } from '../../src/trust/statement/statement.ts';
import { ALL, whom } from '../support/acts.ts';
import { ConductWorld, codeOf, type Visitor } from '../support/conduct-world.ts';
import { Ministry, newMeetingId, type Official, vouch } from '../support/ministry.ts';
import { mutated } from '../support/mutations.ts';
import { granted, person } from '../support/people.ts';
import { STORE_KINDS, type StoreKind } from '../support/store-kinds.ts';

const { entryRefusalMs } = DEFAULT_LIMITS;

const ordersWith = ({ newRig }: StoreKind) => {
  let ministry: Ministry;
  let [ada, dep, bob, eve, low]: Official[] = [];
  let world: ConductWorld;

  before(async () => {
    ministry = await Ministry.open();
    [ada, dep, bob, eve, low] = [
      await ministry.official('ada'),
      await ministry.official('dep'),
      await ministry.official('bob'),
      await ministry.official('eve'),
      await ministry.official('low', { level: 'confidential' }),
    ];
  });
  afterEach(async () => {
    await world.close();
    // The next test is not to meet this one's list.
    await ministry.publish({});
  });

  const official = (who: Official | undefined): Official => who ?? assert.fail('nobody');
  const convene = async (change: Partial<Charter> = {}, limits = {}) => {
    const charter = { deputies: [official(dep).person], ...change };
    world = await ConductWorld.convene(ministry, official(ada), charter, limits, newRig());
  };
  const enter = (who: Official | undefined) => world.enter(official(who));
  const marking = (level: string, ...groups: string[]) => ({ scale: ministry.scale.scale, level, groups });
  const produce = async ({ client }: Visitor, source: Source) => {
    const { transport } = await client.done('create-transport', { direction: 'send' });
    const codecs = [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 }];
    const rtpParameters = { codecs, headerExtensions: [], encodings: [{ ssrc: 1 }], rtcp: { cname: 'x' } };
    return client.request('produce', { transport, source, rtpParameters, paused: false });
  };
  const mayProduce = async (visitor: Visitor, source: Source) => {
    const { ok, error } = await produce(visitor, source);
    return ok === true ? 'ok' : error?.code;
  };
  const acts = () =>
    world.server.record.entries.flatMap((entry) =>
      entry.kind === 'act' ? [`${entry.order} ${entry.allowed} ${entry.rule}`] : [],
    );
  const participantOf = async (visitor: Visitor) =>
    asId<ParticipantId>(String((await world.answered(visitor)).body?.participant));

  describe('about media', () => {
    it('are the only way to a screen; what is withdrawn is stopped at once and not sent again', async () => {
      await convene();
      const [chair, guest] = [await enter(ada), await enter(bob)];
      assert.equal(await mayProduce(guest, 'camera'), 'ok');
      assert.equal(await mayProduce(guest, 'screen'), 'media.not-granted');
      assert.equal(await mayProduce(chair, 'screen-audio'), 'ok');
      await world.order(chair, { kind: 'grant', whom: whom('bob'), sources: ['screen'] });
      const screen = await produce(guest, 'screen');
      assert.equal(screen.ok, true);
      await world.order(chair, { kind: 'withdraw', whom: whom('bob'), sources: ['screen'] });
      const removed = await guest.client.event('producer-removed');
      assert.deepEqual([removed.producer, removed.why], [screen.body?.producer, 'stopped']);
      const { producer } = removed;
      assert.equal(await guest.client.refusal('resume-producer', { producer }), 'media.unknown');
      assert.equal(await mayProduce(guest, 'screen'), 'media.not-granted');
      assert.equal(await mayProduce(guest, 'microphone'), 'ok');
    });

    it('open what the charter grants to nobody; it stays granted to whoever is sent back and comes again', async () => {
      await convene({ grants: [] });
      const [chair, guest] = [await enter(ada), await enter(bob)];
      for (const source of ['microphone', 'camera', 'screen'] as const) {
        assert.equal(await mayProduce(guest, source), 'media.not-granted');
        assert.equal(await mayProduce(chair, source), 'ok');
      }
      await world.order(chair, { kind: 'grant', whom: whom('bob'), sources: ['microphone'] });
      assert.equal(await mayProduce(guest, 'microphone'), 'ok');
      assert.equal(await mayProduce(guest, 'camera'), 'media.not-granted');
      await world.order(chair, { kind: 'to-lobby', person: official(bob).person });
      await guest.client.event('to-lobby');
      await world.knockAgain(guest);
      await world.order(chair, { kind: 'admit', whom: ALL });
      assert.equal((await world.answered(guest)).ok, true);
      assert.equal(await mayProduce(guest, 'microphone'), 'ok');
      assert.equal(await mayProduce(guest, 'camera'), 'media.not-granted');
    });

    it('mute a microphone, which its owner may open again, and nothing else', async () => {
      await convene();
      const [chair, guest] = [await enter(ada), await enter(bob)];
      const { body } = await produce(guest, 'microphone');
      await produce(guest, 'camera');
      await produce(chair, 'microphone');
      const { transport } = await chair.client.done('create-transport', { direction: 'receive' });
      await chair.client.done('receive', {
        transport,
        rtpCapabilities: { codecs: [], headerExtensions: [] },
      });
      await world.order(chair, { kind: 'mute', whom: ALL });
      await chair.client.event('consumer-paused');
      assert.equal(chair.client.eventKinds().filter((kind) => kind === 'consumer-paused').length, 1);
      assert.equal((await guest.client.request('resume-producer', { producer: body?.producer })).ok, true);
      await chair.client.event('consumer-resumed');
    });

    it('make an observer of somebody, who then sends nothing', async () => {
      await convene();
      const [chair, guest] = [await enter(ada), await enter(bob)];
      await produce(guest, 'camera');
      await world.order(chair, { kind: 'set-role', person: official(bob).person, role: 'observer' });
      assert.equal((await guest.client.event('producer-removed')).why, 'stopped');
      assert.equal(await mayProduce(guest, 'microphone'), 'media.not-granted');
    });

    it('stop a camera, and the screen of a chair that is handed over', async () => {
      await convene();
      const [chair, guest] = [await enter(ada), await enter(bob)];
      await produce(guest, 'camera');
      await produce(chair, 'screen');
      assert.equal(
        await world.order(chair, { kind: 'stop', person: official(bob).person, sources: ['camera'] }),
        'ok',
      );
      await guest.client.event('producer-removed');
      assert.equal(await mayProduce(guest, 'camera'), 'ok', 'it may start again');
      await world.order(chair, { kind: 'hand-over-chair', to: official(bob).person });
      await chair.client.event('producer-removed');
      assert.equal(await mayProduce(chair, 'screen'), 'media.not-granted');
    });
  });

  describe('about the marking', () => {
    it('raise it no higher than the chair’s own clearance: nobody is put out by that', async () => {
      await convene();
      const [chair, guest] = [await enter(ada), await enter(low)];
      await world.order(chair, { kind: 'hand-over-chair', to: official(low).person });
      const raise = { kind: 'raise-marking', marking: marking('secret') } as const;
      assert.equal(await world.order(guest, raise), 'act.above-own-clearance');
      assert.ok(
        world.server.record.entries.some(
          (entry) => entry.kind === 'act' && entry.rule === 'act.above-own-clearance',
        ),
      );
      const { state } = await world.play();
      assert.deepEqual([[...state.present].length, state.marking.level], [2, 'confidential']);
    });

    it('judge everybody anew when it rises: who fails is out before anything else happens', async () => {
      await convene();
      const [chair, guest] = [await enter(ada), await enter(low)];
      await world.order(chair, { kind: 'lock' });
      const other = await world.wait(official(eve));
      await world.order(chair, { kind: 'raise-marking', marking: marking('secret') });
      assert.deepEqual(await guest.client.closed, { status: 4412, reason: 'entry.over' });
      const left = await chair.client.event('participant-left');
      assert.deepEqual([left.participant, left.why], [await participantOf(guest), 'removed']);
      assert.ok(
        world.server.record.entries.some(
          (entry) =>
            entry.kind === 'decision' && entry.asked === 'stay' && entry.rule === 'entry.not-cleared',
        ),
      );
      const { state } = await world.play();
      assert.deepEqual([[...state.present], [...state.waiting]], [['ada'], ['eve']]);
      assert.equal(other.client.eventKinds().at(-1), 'waiting');
      assert.match(world.texts().at(-1) ?? '', /"not-entitled"/);
      const from = world.server.log.length;
      const again = await world.knock(official(low));
      await world.server.logged('entry.refused', from);
      world.server.clock.advance(entryRefusalMs);
      assert.equal((await world.answered(again)).error?.code, 'entry.refused');
    });

    it('turn away who waits and is not cleared any more', async () => {
      await convene({ admission: { kind: 'cleared' } });
      const chair = await enter(ada);
      const guest = await world.wait(official(low));
      await world.order(chair, { kind: 'raise-marking', marking: marking('secret') });
      assert.equal((await world.answered(guest)).error?.code, 'entry.refused');
      assert.equal((await world.play()).state.waiting.size, 0);
    });

    it('keep out, or put out again, who was being judged by the marking of before', async () => {
      await convene();
      const chair = await enter(ada);
      // The proof was found good, and the other signatures are still to be checked.
      const { store } = world;
      const { useOnce } = store;
      let raised: Promise<string> | undefined;
      store.useOnce = (oneTime) => {
        raised ??= world.order(chair, { kind: 'raise-marking', marking: marking('secret') });
        return useOnce.call(store, oneTime);
      };
      const from = world.server.log.length;
      const guest = await world.knock(official(low));
      await Promise.race([world.server.logged('entry.refused', from), guest.client.closed]);
      assert.equal(await raised, 'ok');
      const { state } = await world.play();
      assert.deepEqual([...state.present], ['ada'], 'refused, or out again');
    });

    it('need two people to lower it: within five minutes, and the second one named by the charter', async () => {
      await convene({ marking: marking('secret') });
      const [chair, deputy, guest] = [await enter(ada), await enter(dep), await enter(bob)];
      const lower = { kind: 'lower-marking', marking: marking('confidential') } as const;
      const propose = async (): Promise<Order> => {
        const vouched = await world.sign(official(ada), lower);
        assert.equal(codeOf(await chair.client.request('act', { act: vouched })), 'ok');
        const judge = { root: ministry.people.root, nowUnixMs: world.server.clock.unixMs() };
        return { kind: 'second', act: granted(await openAct(vouched, judge)).opened.digest };
      };
      const second = await propose();
      assert.equal((await world.play()).state.marking.level, 'secret');
      assert.equal(await world.order(chair, second), 'act.same-person');
      assert.equal(await world.order(guest, second), 'act.not-leader');
      for (let ms = 0; ms < SECOND_WITHIN_MS; ms += 5_000) {
        for (const { client } of [chair, deputy, guest])
          await client.request('request-key-frame', { consumer: 'none' });
        world.server.clock.advance(5_000);
      }
      assert.equal(await world.order(deputy, second), 'act.nothing-to-second');
      assert.equal(await world.order(deputy, await propose()), 'ok');
      assert.equal((await world.play()).state.marking.level, 'confidential');
      assert.equal((await world.knock(official(low)).then((one) => world.answered(one))).ok, true);
    });

    describe('of an export', () => {
      const judgeExport = () => {
        const judge = new ExportJudge();
        for (const [n, content] of world.server.record.entries.entries())
          judge.take({ n, atUnixMs: world.server.clock.unixMs(), content });
        return judge.whyNot(world.meeting, world.server.clock.unixMs())?.code;
      };
      /** Ordered by one; what another one agrees to. */
      const propose = async (by: Visitor, order: Order): Promise<Order> => {
        const vouched = await world.sign(by.who, order);
        await by.client.done('act', { act: vouched });
        const judge = { root: ministry.people.root, nowUnixMs: world.server.clock.unixMs() };
        return { kind: 'second', act: granted(await openAct(vouched, judge)).opened.digest };
      };
      const ALLOW = { kind: 'allow-export' } as const;

      it('say in the record that two people allowed it, and who', async () => {
        await convene();
        const [chair, deputy] = [await enter(ada), await enter(dep)];
        const second = await propose(chair, ALLOW);
        assert.equal(judgeExport(), 'export.not-allowed');
        assert.equal(await world.order(deputy, second), 'ok');
        const said = world.server.record.entries.find(({ kind }) => kind === 'export-allowed');
        assert.deepEqual(said?.kind === 'export-allowed' && said.by, [chair.session, deputy.session]);
        assert.equal(judgeExport(), undefined);
        await world.order(chair, { kind: 'raise-marking', marking: marking('secret') });
        assert.equal(judgeExport(), 'export.not-allowed');
      });

      it('need two also after the marking was lowered: what was said before is in it', async () => {
        await convene();
        const [chair, deputy] = [await enter(ada), await enter(dep)];
        const lower = await propose(chair, { kind: 'lower-marking', marking: marking('restricted') });
        assert.equal(await world.order(deputy, lower), 'ok');
        const second = await propose(chair, ALLOW);
        assert.equal((await world.play()).state.mayBeExported, false);
        assert.equal(judgeExport(), 'export.not-allowed');
        assert.equal(await world.order(deputy, second), 'ok');
        assert.equal(judgeExport(), undefined);
      });

      it('count also when the first one came anew in between', async () => {
        await convene();
        const [chair, deputy] = [await enter(ada), await enter(dep)];
        const second = await propose(chair, ALLOW);
        await enter(ada);
        await chair.client.closed;
        assert.equal(await world.order(deputy, second), 'ok');
        assert.equal(judgeExport(), undefined);
      });

      it('do not count when the store did not take them', async () => {
        await convene();
        const [chair, deputy] = [await enter(ada), await enter(dep)];
        const second = await propose(chair, ALLOW);
        world.store.appendEntries = () => refuse('store.unwritable', 'the disk is full');
        assert.equal(await world.order(deputy, second), 'store.unwritable');
        assert.equal(judgeExport(), 'export.not-allowed');
      });
    });

    it('call somebody in late by two people, by name', async () => {
      const persons = [official(ada).person, official(dep).person];
      await convene({ admission: { kind: 'roster', persons } });
      const [chair, deputy] = [await enter(ada), await enter(dep)];
      const vouched = await world.sign(official(ada), { kind: 'invite', persons: [official(bob).person] });
      await chair.client.done('act', { act: vouched });
      const refusedFirst = world.server.log.length;
      const early = await world.knock(official(bob));
      await world.server.logged('entry.refused', refusedFirst);
      world.server.clock.advance(entryRefusalMs);
      assert.equal((await world.answered(early)).error?.code, 'entry.refused');
      const judge = { root: ministry.people.root, nowUnixMs: world.server.clock.unixMs() };
      const { digest } = granted(await openAct(vouched, judge)).opened;
      assert.equal(await world.order(deputy, { kind: 'second', act: digest }), 'ok');
      await enter(bob);
    });
  });

  it('of revocation lists put people out, and the chain says so', async () => {
    await convene();
    const [chair, guest] = [await enter(ada), await enter(bob)];
    await world.order(chair, { kind: 'lock' });
    const waits = await world.wait(official(eve));
    await ministry.publish({ persons: [official(bob).person, official(eve).person] });
    assert.equal((await guest.client.closed).reason, 'entry.over');
    assert.equal((await world.answered(waits)).error?.code, 'entry.refused');
    await chair.client.event('participant-left');
    const kinds = chair.client.eventKinds();
    assert.ok(kinds.lastIndexOf('entry') < kinds.indexOf('participant-left'), 'the entry first');
    const { state } = await world.play();
    assert.deepEqual([[...state.present], [...state.waiting]], [['ada'], []]);
  });

  describe('that are none', () => {
    it('are refused: replayed, of another meeting or charter, stale, of another chain, or another’s', async () => {
      await convene();
      const [chair, guest] = [await enter(ada), await enter(bob)];
      const lock = { kind: 'lock' } as const;
      const given = await world.sign(official(ada), lock);
      const send = async ({ client }: Visitor, act: unknown) => codeOf(await client.request('act', { act }));
      assert.equal(await send(chair, given), 'ok');
      assert.equal(await send(chair, given), 'act.repeated');
      const unlock = { kind: 'unlock' } as const;
      const now = world.server.clock.unixMs();
      const elsewhere = asId<StatementDigest>('D'.repeat(43));
      for (const [change, code] of [
        [{ meeting: newMeetingId() }, 'act.other-meeting'],
        [{ charter: elsewhere }, 'act.other-charter'],
        [{ atUnixMs: now - ACT_FRESH_MS - 1 }, 'act.stale'],
        [{ atUnixMs: now + ACT_FRESH_MS + 1 }, 'act.stale'],
        [{ seen: { n: 2, digest: elsewhere } }, 'act.other-chain'],
        [{ seen: { n: 99, digest: elsewhere } }, 'act.other-chain'],
        [{ device: official(bob).device }, 'act.other-device'],
        [{ number: 1 }, 'act.repeated'],
      ] as const)
        assert.equal(await world.order(chair, unlock, change), code);
      const forged = await world.sign(official(ada), unlock);
      const bytes = forged.statement.bytes.replace(/^./, 'f');
      assert.equal(
        await send(chair, { ...forged, statement: { ...forged.statement, bytes } }),
        'statement.not-authentic',
      );
      assert.equal(acts().at(-1), 'unreadable false statement.not-authentic');
      assert.equal(await send(guest, forged), 'act.other-device', 'brought by somebody else');
      const stranger = await (await Ministry.open()).official('ada');
      const foreign = await vouch(stranger.signer, ACT, {
        meeting: world.meeting,
        charter: world.charter.opened.digest,
        device: stranger.device,
        number: 50,
        atUnixMs: now,
        seen: (await world.play()).head,
        order: unlock,
      });
      assert.equal(await send(chair, foreign), 'certificate.other-root');
      assert.equal(await send(chair, forged), 'ok', 'the true one');
      assert.deepEqual(
        acts().filter((line) => line.includes('true')),
        ['lock true acts', 'unlock true acts'],
      );
    });

    it('are refused of who is gone before they were judged', async () => {
      await convene();
      const chair = await enter(ada);
      const length = world.texts().length;
      chair.client.send({ id: 500, kind: 'act', act: await world.sign(official(ada), { kind: 'lock' }) });
      chair.client.send({ id: 501, kind: 'leave' });
      await chair.client.closed;
      const deputy = await enter(dep);
      const { state } = await world.play();
      assert.equal(state.isLocked, false);
      assert.equal(world.texts().length, length + 2, 'left, and arrived');
      assert.equal(await world.order(deputy, { kind: 'raise-hand' }), 'ok');
    });

    it('flood nobody: few wait, in order, and few come in a second', async () => {
      await convene();
      const [chair, guest] = [await enter(ada), await enter(bob)];
      const { person } = official(bob);
      const orders: Order[] = [];
      for (let n = 0; n < 40; n++)
        orders.push(n % 2 === 0 ? { kind: 'raise-hand' } : { kind: 'lower-hand', person });
      const signed = [];
      for (const order of orders) signed.push(await world.sign(official(bob), order));
      const replies = await Promise.all(
        signed.map((act) => guest.client.request('act', { act }).then(codeOf)),
      );
      assert.ok(replies.filter((code) => code === 'ok').length >= 1);
      assert.ok(replies.includes('act.too-many'));
      let last = '';
      for (let n = 0; n < 40 && last !== 'act.too-many'; n++)
        last = await world.order(guest, { kind: 'lock' });
      assert.equal(last, 'act.too-many');
      assert.equal(await world.order(chair, { kind: 'lock' }), 'ok', 'others are not held up');
      world.server.clock.advance(1_000);
      assert.equal(await world.order(guest, { kind: 'lock' }), 'act.not-chair');
      await world.play();
    });

    it('of whatever form are outlived', async () => {
      await convene();
      const guest = await enter(bob);
      const random = seededRandom(39);
      for (let round = 0; round < 60; round++) {
        const honest = {
          id: 100 + 2 * round,
          kind: 'act',
          act: await world.sign(official(bob), { kind: 'raise-hand' }),
        };
        guest.client.sendText(mutated(honest, random));
        if (round % 20 === 0) world.server.clock.advance(4_000);
      }
      const failures = world.server.log.filter(({ event }) =>
        ['act.failed', 'message.failed'].includes(event),
      );
      assert.deepEqual(failures, []);
      await enter(ada);
      await world.play();
    });
  });

  describe('where something is full', () => {
    it('go on to remove and to end, when the chain holds no more', async () => {
      await convene();
      const length = 3;
      world.storeLimits = { maxEntriesPerMeeting: length };
      await world.restart();
      const [chair, guest, other] = [await enter(ada), await enter(bob), await enter(eve)];
      assert.equal(world.texts().length, length);
      assert.equal(await world.order(chair, { kind: 'lock' }), 'store.full');
      const from = world.server.log.length;
      const late = await world.knock(official(dep));
      await world.server.logged('entry.refused', from);
      world.server.clock.advance(entryRefusalMs);
      assert.equal((await world.answered(late)).error?.code, 'entry.refused');
      assert.equal(await world.order(chair, { kind: 'turn-away', whom: ALL }), 'store.full', 'nobody waits');
      assert.equal(
        await world.order(chair, { kind: 'remove', person: official(bob).person, isForGood: true }),
        'ok',
      );
      await guest.client.closed;
      await other.client.request('leave');
      await other.client.closed;
      assert.deepEqual([...(await world.play()).state.present], ['ada']);
      assert.equal(await world.order(chair, { kind: 'end' }), 'ok');
      assert.equal((await chair.client.closed).reason, 'meeting.ended');
    });

    it('change nothing when the store cannot be written; who must go goes, and is written down later', async () => {
      await convene();
      const [chair, guest] = [await enter(ada), await enter(bob)];
      const append = world.store.appendEntries;
      world.store.appendEntries = () => ({
        ok: false,
        refusal: { code: 'store.unwritable', message: 'the disk is full' },
      });
      assert.equal(await world.order(chair, { kind: 'lock' }), 'store.unwritable');
      await ministry.publish({ persons: [official(bob).person] });
      assert.equal((await guest.client.closed).reason, 'entry.over');
      assert.equal(world.server.log.filter(({ event }) => event === 'entry.unwritten').length, 1);
      assert.deepEqual(
        [...(await world.play()).state.present],
        ['ada', 'bob'],
        'nothing is shown that is not written',
      );
      world.store.appendEntries = append;
      assert.equal(await world.order(chair, { kind: 'lock' }), 'ok');
      const { state } = await world.play();
      assert.deepEqual([[...state.present], state.isLocked], [['ada'], true]);
    });

    it('remove and end all the same when the store cannot be written, and let nobody back by that', async () => {
      await convene({ opensByItself: true });
      const [chair, guest, other] = [await enter(ada), await enter(bob), await enter(eve)];
      const { appendEntries, endMeeting } = world.store;
      const UNWRITABLE = refuse('store.unwritable', 'the disk is full');
      world.store.appendEntries = () => UNWRITABLE;
      world.store.endMeeting = () => UNWRITABLE;
      const remove = (who: Official | undefined, isForGood: boolean) =>
        world.order(chair, { kind: 'remove', person: official(who).person, isForGood });
      assert.equal(await remove(bob, true), 'act.unwritten');
      assert.equal((await guest.client.closed).reason, 'entry.over');
      assert.equal(await remove(eve, false), 'act.unwritten');
      assert.equal((await other.client.closed).reason, 'entry.over');
      assert.equal(await remove(dep, true), 'act.not-there', 'the rules hold');
      assert.deepEqual(acts(), ['remove true acts', 'remove true acts', 'remove false act.not-there']);
      world.store.appendEntries = appendEntries;
      const from = world.server.log.length;
      const again = await world.knock(official(bob));
      await world.server.logged('entry.refused', from);
      world.server.clock.advance(entryRefusalMs);
      assert.equal((await world.answered(again)).error?.code, 'entry.refused');
      await world.order(chair, { kind: 'lock' });
      assert.deepEqual([...(await world.play()).state.present], ['ada']);
      world.store.appendEntries = () => UNWRITABLE;
      assert.equal(await world.order(chair, { kind: 'end' }), 'act.unwritten');
      assert.equal((await chair.client.closed).reason, 'meeting.ended');
      await world.server.signaling.reopenMeetings();
      assert.equal(world.server.signaling.stats().meetings, 0, 'it is over though its end is not written');
      world.store.endMeeting = endMeeting;
      world.server.signaling.sweep();
      assert.deepEqual(world.store.openMeetings(), []);
    });

    it('give nobody more when the record cannot be written, and take away all the same', async () => {
      await convene();
      const [chair, guest] = [await enter(ada), await enter(bob)];
      world.server.record.isFull = true;
      const grant: Order = { kind: 'grant', whom: whom('bob'), sources: ['screen'] };
      assert.equal(await world.order(chair, grant), 'audit.unwritable');
      const remove = { kind: 'remove', person: official(bob).person, isForGood: false } as const;
      assert.equal(await world.order(chair, remove), 'ok');
      assert.equal((await guest.client.closed).reason, 'entry.over');
    });
  });

  it('stand in the record with whom they name, here or not, and all decisions with the marking in force', async () => {
    await convene();
    const [chair, deputy, room] = [await enter(ada), await enter(dep), await enter(bob)];
    const [gus, hal, zoe] = [person('gus'), person('hal'), person('zoe')];
    await world.order(room, { kind: 'declare-beside', persons: [gus, hal] });
    await world.order(chair, {
      kind: 'confirm-beside',
      room: official(bob).person,
      persons: [gus, hal],
    });
    await world.order(deputy, { kind: 'invite', persons: [zoe] });
    const named = world.server.record.entries.flatMap((entry) => (entry.kind === 'act' ? [entry.on] : []));
    assert.deepEqual(named, [[gus, hal], [await participantOf(room), gus, hal], [zoe]]);
    const from = world.server.log.length;
    await world.knock(await ministry.official('out', { level: 'restricted' }));
    await world.server.logged('entry.refused', from);
    await world.order(chair, { kind: 'raise-marking', marking: marking('secret') });
    await ministry.publish({ persons: [official(bob).person] });
    await room.client.closed;
    const decided = world.server.record.entries.flatMap((entry) =>
      entry.kind === 'decision' ? [`${entry.asked} ${entry.allowed} ${entry.marking?.level}`] : [],
    );
    assert.deepEqual(decided, [
      'convening true confidential',
      ...Array.from({ length: 3 }, () => 'entry true confidential'),
      'entry false confidential',
      'stay false secret',
    ]);
  });

  it('stand in the record before their effect, with who gave them and on whom', async () => {
    await convene();
    const [chair, guest] = [await enter(ada), await enter(bob)];
    await world.order(chair, { kind: 'remove', person: official(bob).person, isForGood: false });
    await guest.client.closed;
    const { entries } = world.server.record;
    const at = entries.findIndex(({ kind }) => kind === 'act');
    assert.deepEqual(entries[at], {
      kind: 'act',
      meeting: world.meeting,
      order: 'remove',
      allowed: true,
      rule: 'acts',
      by: chair.session,
      on: [await participantOf(guest)],
      marking: marking('confidential'),
      twoPersons: true,
    });
    assert.deepEqual(
      entries.slice(at + 1).map(({ kind }) => kind),
      ['decision', 'participant-left'],
    );
    const said = entries.filter(({ kind }) => kind !== 'identified');
    assert.doesNotMatch(JSON.stringify(said), /"(ada|bob)/, 'those who are here by session and participant');
    assert.deepEqual(
      entries.find((entry) => entry.kind === 'identified' && entry.session === guest.session),
      {
        kind: 'identified',
        meeting: world.meeting,
        session: guest.session,
        participant: await participantOf(guest),
        person: official(bob).person,
        device: official(bob).device,
      },
    );
    await world.order(chair, { kind: 'unlock' });
    assert.equal(acts().at(-1), 'unlock false act.no-change');
  });
};

for (const kind of STORE_KINDS)
  describe(`orders in a meeting, its store ${kind.name}`, () => ordersWith(kind));
