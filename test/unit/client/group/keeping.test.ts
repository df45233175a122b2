import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { toBase64Url, utf8 } from '../../../../src/base/bytes.ts';
import { asId, type MeetingId, type ParticipantId } from '../../../../src/base/ids.ts';
import { Beats } from '../../../../src/client/group/beats.ts';
import { credentialOf } from '../../../../src/client/group/credential.ts';
import { GuardedKeys } from '../../../../src/client/group/guarded-keys.ts';
import { KeyAge } from '../../../../src/client/group/key-age.ts';
import { HELD_BACK_ASKS_MS, NEEDS_EPOCH_EVERY_MS } from '../../../../src/client/group/limits.ts';
import { signedRejections } from '../../../../src/client/group/rejection.ts';
import { leftLivesMs, Standing } from '../../../../src/client/group/standing.ts';
import { pointOf } from '../../../../src/e2ee/mls/device-signatures.ts';
import { RENEW_PAUSE_MS, silentAfterMs } from '../../../../src/signaling/delivery/limits.ts';
import type { RosterEntry } from '../../../../src/signaling/protocol/messages.ts';
import type { Head, Heads } from '../../../../src/trust/acts/head.ts';
import type { PersonId } from '../../../../src/trust/devices/ids.ts';
import {
  BEAT_EVERY_MS,
  CUT_OFF_AFTER_MS,
  HEARTBEAT,
  type Hearing,
  SEALS_UNHEARD_MS,
} from '../../../../src/trust/heartbeat/heartbeat.ts';
import { signStatement } from '../../../../src/trust/signing/statement.ts';
import type { StatementDigest } from '../../../../src/trust/statement/statement.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { SealingLog, WatchedKeys } from '../../../support/group-keys.ts';
import { verifiedOf } from '../../../support/hollow-entry.ts';
import { device, makePeople, NOW, type People, person, type Signer } from '../../../support/people.ts';
import { eventually, settle } from '../../../support/until.ts';

const LEFT_LIVES_MS = leftLivesMs(2);
const MEETING = asId<MeetingId>('meeting');
const id = (text: string) => asId<ParticipantId>(text);
const DIGEST = 'D'.repeat(43);
const HEAD: Head = { n: 3, digest: asId<StatementDigest>('H'.repeat(43)) };

interface Somebody {
  readonly name: string;
  readonly signer: Signer;
  readonly entry: RosterEntry;
}

const verified = ({ name, entry }: Somebody) => ({ ...verifiedOf(name), participant: entry.participant });
const admitTo = (standing: Standing, who: Somebody): void =>
  standing.admit(verified(who), who.entry, person(who.name), who.signer.publicKey);

/** Its leaf, as the tree shows it. */
const leafOf = ({ signer, entry }: Somebody) => ({
  certificates: credentialOf(signer.certificate, entry.announcement),
  signatureKey: pointOf(signer.publicKey),
});

/** From a leaf that the relay has yet to hear of. */
const sealFirst = async (guard: GuardedKeys, epoch: bigint, leaf: number): Promise<void> => {
  guard.sealUnder(epoch, leaf);
  await settle();
};

describe('what a client keeps of those in a group', () => {
  let people: People;
  let ada: Somebody;
  let ben: Somebody;
  let yan: Somebody;
  let zoe: Somebody;

  const somebody = async (name: string, signer?: Signer, salt = name): Promise<Somebody> => {
    const own = signer ?? (await people.device({ person: person(name), device: device(`${name}-1`) }));
    const statement = { kind: 'x', alg: 'ES256', bytes: '', signature: '', signer: 'x' } as const;
    const clearance = { certificate: own.certificate, statement };
    const announcement = { salt: toBase64Url(utf8(salt.padEnd(16, '.'))), number: 1 };
    const credentials = { certificate: own.certificate, clearance, presence: statement };
    return { name, signer: own, entry: { participant: id(salt), announcement, credentials } };
  };

  before(async () => {
    people = await makePeople();
    ada = await somebody('ada');
    ben = await somebody('ben');
    yan = await somebody('yan');
    zoe = await somebody('zoe');
  });

  describe('standing', () => {
    it('knows a leaf by its certificate, its key and the salt of the entry, all three', () => {
      const standing = new Standing();
      for (const who of [ada, ben]) admitTo(standing, who);
      const [adas, bens] = [leafOf(ada), leafOf(ben)];
      assert.equal(standing.participantOf(adas), id('ada'));
      const [certificate = utf8(''), salt = utf8('')] = adas.certificates;
      for (const other of [
        { ...adas, signatureKey: bens.signatureKey },
        { ...adas, certificates: [bens.certificates[0], salt] },
        { ...adas, certificates: [certificate, bens.certificates[1]] },
        { ...adas, certificates: [certificate] },
        { ...adas, certificates: [certificate, salt, salt] },
        { ...adas, certificates: [] },
      ])
        assert.equal(standing.participantOf(other), undefined);
      assert.equal(standing.participantOf(adas), id('ada'), 'as in the next epoch');
    });

    it('tells two entries of one device apart', async () => {
      const standing = new Standing();
      const again = await somebody('ada', ada.signer, 'ada-again');
      for (const who of [ada, again]) admitTo(standing, who);
      standing.left(id('ada'), 0);
      assert.equal(standing.participantOf(leafOf(again)), id('ada-again'));
      assert.equal(standing.participantOf(leafOf(ada)), id('ada'));
      assert.equal(standing.present(id('ada')), undefined);
    });

    it('lets nobody hear who was removed, also where the relay says that they left before', async () => {
      const standing = new Standing();
      const again = await somebody('ada', ada.signer, 'ada-again');
      for (const who of [ada, again, ben]) admitTo(standing, who);
      standing.left(id('ada'), 0);
      standing.outPerson(person('ada'));
      standing.left(id('ada-again'), 0);
      const hears = ['ada', 'ada-again', 'ben'].map((who) => standing.mayHear(id(who), 0));
      assert.deepEqual(hears, [false, false, true]);
    });

    it('waits for a commit without who left longer than for one silent member', () => {
      for (const members of [2, 100, 1_000])
        assert.ok(leftLivesMs(members) >= silentAfterMs(members) + 1_500);
      assert.ok(leftLivesMs(50) < 4_000);
    });

    it('lets who left hear for a while, and who is out for none', () => {
      const standing = new Standing();
      for (const who of [ada, ben]) admitTo(standing, who);
      standing.left(id('ada'), 1_000);
      standing.out(id('ben'));
      standing.left(id('ben'), 1_000);
      const hears = (who: string, nowMs: number) => standing.mayHear(id(who), nowMs);
      assert.equal(hears('ada', 1_000 + LEFT_LIVES_MS - 1), true);
      assert.equal(hears('ada', 1_000 + LEFT_LIVES_MS), false);
      assert.equal(hears('ben', 0), false);
      assert.equal(hears('nobody', 0), false);
    });
  });

  describe('keys behind a guard', () => {
    const setUp = () => {
      const standing = new Standing();
      for (const who of [ada, ben]) admitTo(standing, who);
      const keys = new WatchedKeys(id('own'), new SealingLog());
      const opened: (readonly ParticipantId[])[] = [];
      const openUnder = keys.openUnder.bind(keys);
      keys.openUnder = (epoch, baseKey, leaves) => {
        opened.push([...leaves.values()]);
        openUnder(epoch, baseKey, leaves);
      };
      const heldBack: (readonly ParticipantId[])[] = [];
      const now = { ms: 0 };
      const ready = { taken: Promise.resolve(true) };
      const apart = { is: false, told: 0, needs: 0 };
      const needed: string[] = [];
      let sealing = 0;
      const guard = new GuardedKeys({
        keys,
        standing,
        nowMs: () => now.ms,
        whenReadyTaken: () => ready.taken,
        isCutOff: () => apart.is,
        onCutOff: () => {
          apart.told += 1;
        },
        onNeedsEpoch: (why) => {
          apart.needs += 1;
          needed.push(why);
        },
        onSealing: () => {
          sealing += 1;
        },
        onHeldBack: (because) => heldBack.push(because),
      });
      const open = (epoch: bigint, ...names: string[]) =>
        guard.openUnder(
          epoch,
          utf8(`key of epoch ${epoch}`),
          new Map(names.map((name, i) => [i + 1, id(name)])),
        );
      return {
        ...{ standing, keys, opened, heldBack, now, guard, open, ready, apart, needed },
        sealing: () => sealing,
      };
    };

    it('open for who is here alone, and seal as the group says', async () => {
      const { standing, keys, opened, guard, open, sealing } = setUp();
      standing.left(id('ben'), 0);
      open(1n, 'ada', 'ben');
      await sealFirst(guard, 1n, 0);
      assert.deepEqual(opened, [[id('ada')]]);
      assert.deepEqual([keys.sealing, sealing()], [1n, 1]);
    });

    it('stop at once for who is out, and go on with the epoch without', async () => {
      const { standing, keys, heldBack, guard, open, sealing } = setUp();
      open(1n, 'ada', 'ben');
      await sealFirst(guard, 1n, 0);
      assert.equal(guard.look(), false);
      standing.out(id('ben'));
      assert.equal(guard.look(), true);
      assert.equal(keys.sealing, undefined);
      open(2n, 'ada', 'ben');
      guard.sealUnder(2n, 0);
      assert.deepEqual([keys.sealing, sealing()], [undefined, 1]);
      open(3n, 'ada');
      guard.sealUnder(3n, 0);
      assert.deepEqual([keys.sealing, sealing()], [3n, 2]);
      assert.deepEqual(heldBack, [[id('ben')], [id('ben')]]);
    });

    it('ask for an epoch without who is out, where none comes for a while, and again until one comes', async () => {
      const { standing, now, guard, open, needed } = setUp();
      open(1n, 'ada', 'ben');
      await sealFirst(guard, 1n, 2);
      standing.out(id('ben'));
      guard.look();
      now.ms = HELD_BACK_ASKS_MS - 1;
      guard.look();
      assert.deepEqual(needed, []);
      now.ms += 1;
      guard.look();
      guard.look();
      assert.deepEqual(needed, ['held-back']);
      now.ms += NEEDS_EPOCH_EVERY_MS;
      guard.look();
      assert.deepEqual(needed, ['held-back', 'held-back']);
      open(2n, 'ada');
      await sealFirst(guard, 2n, 2);
      guard.forget(2n);
      now.ms += 60_000;
      guard.look();
      assert.deepEqual(needed, ['held-back', 'held-back'], 'also where that epoch is over');
    });

    it('ask no sooner than the service would listen', () => {
      assert.ok(Math.min(HELD_BACK_ASKS_MS, NEEDS_EPOCH_EVERY_MS) > RENEW_PAUSE_MS);
    });

    it('pass nothing on once they are over, and leave nothing behind', async () => {
      const { keys, guard, open, sealing } = setUp();
      open(1n, 'ada');
      await sealFirst(guard, 1n, 0);
      guard.end();
      assert.deepEqual([keys.open.size, keys.sealing], [0, undefined]);
      open(2n, 'ada');
      guard.sealUnder(2n, 0);
      guard.forget(1n);
      assert.deepEqual([keys.open.size, keys.sealing, sealing()], [0, undefined, 1]);
    });

    it('stop where time is up for who left', async () => {
      const { standing, keys, now, guard, open } = setUp();
      open(1n, 'ada');
      await sealFirst(guard, 1n, 0);
      standing.left(id('ada'), 0);
      now.ms = LEFT_LIVES_MS - 1;
      assert.equal(guard.look(), false);
      now.ms += 1;
      assert.equal(guard.look(), true);
      assert.equal(keys.sealing, undefined);
    });

    it('seal from a new leaf once the relay knows it, and from a known one at once', async () => {
      const { keys, guard, open, ready } = setUp();
      const { promise, resolve } = Promise.withResolvers<boolean>();
      ready.taken = promise;
      open(1n, 'ada');
      guard.sealUnder(1n, 0);
      await settle();
      assert.equal(keys.sealing, undefined);
      resolve(true);
      await settle();
      assert.equal(keys.sealing, 1n);
      open(2n, 'ada');
      guard.sealUnder(2n, 0);
      assert.equal(keys.sealing, 2n);
      ready.taken = Promise.resolve(false);
      open(3n, 'ada');
      guard.sealUnder(3n, 5);
      await settle();
      assert.equal(keys.sealing, 2n, 'another had the leaf');
    });

    it('stop while this device is cut off, and ask for an epoch once it hears again', async () => {
      const { keys, guard, open, apart, now } = setUp();
      open(1n, 'ada');
      await sealFirst(guard, 1n, 3);
      apart.is = true;
      assert.deepEqual([guard.look(), guard.look()], [true, true]);
      assert.deepEqual([keys.sealing, apart.told], [undefined, 1]);
      apart.is = false;
      now.ms = 60_000;
      assert.equal(guard.look(), false);
      guard.look();
      assert.deepEqual([keys.sealing, apart.needs], [undefined, 1]);
      open(2n, 'ada');
      guard.sealUnder(2n, 3);
      assert.equal(keys.sealing, 2n);
    });

    it('keep an epoch that comes while this device is cut off, and ask for no other', async () => {
      const { keys, guard, open, apart } = setUp();
      open(1n, 'ada');
      await sealFirst(guard, 1n, 0);
      apart.is = true;
      guard.look();
      open(2n, 'ada');
      guard.sealUnder(2n, 0);
      assert.equal(keys.sealing, undefined);
      apart.is = false;
      guard.look();
      guard.look();
      assert.deepEqual([keys.sealing, apart.needs], [2n, 0]);
    });

    it('go on for nobody who went while this device was cut off', async () => {
      const { standing, keys, guard, open, apart } = setUp();
      open(1n, 'ada');
      await sealFirst(guard, 1n, 0);
      apart.is = true;
      guard.look();
      open(2n, 'ada');
      guard.sealUnder(2n, 0);
      standing.out(id('ada'));
      apart.is = false;
      assert.equal(guard.look(), true);
      assert.equal(keys.sealing, undefined);
    });

    it('stop also where the word of a new leaf is under way', async () => {
      const { keys, guard, open, ready, apart } = setUp();
      const { promise, resolve } = Promise.withResolvers<boolean>();
      ready.taken = promise;
      open(1n, 'ada');
      guard.sealUnder(1n, 0);
      apart.is = true;
      resolve(true);
      await settle();
      assert.equal(keys.sealing, undefined);
      apart.is = false;
      guard.look();
      assert.deepEqual([keys.sealing, apart.needs], [undefined, 1]);
    });

    it('know no leaf of a group that is gone', async () => {
      const { keys, guard, open, ready } = setUp();
      open(1n, 'ada');
      await sealFirst(guard, 1n, 0);
      guard.forget(1n);
      ready.taken = new Promise(() => {});
      open(1n, 'ada');
      guard.sealUnder(1n, 0);
      await settle();
      assert.equal(keys.sealing, undefined);
    });
  });

  describe('the age of keys', () => {
    const setUp = () => {
      const clock = new FakeClock();
      let said = 0;
      const age = new KeyAge(clock, () => {
        said += 1;
      });
      const passes = (minutes: number) => {
        clock.advance(minutes * 60_000);
        return said;
      };
      return { clock, age, passes };
    };

    it('is told of once in each epoch that outlives the hour by far', () => {
      const { age, passes } = setUp();
      age.moved(2);
      assert.equal(passes(69), 0);
      assert.equal(passes(6), 1);
      assert.equal(passes(600), 1);
      age.moved(2);
      assert.equal(passes(69), 1);
      assert.equal(passes(6), 2);
    });

    it('begins anew with each epoch, and is nothing to who is alone, or gone', () => {
      const { clock, age, passes } = setUp();
      for (let i = 0; i < 4; i++) {
        age.moved(2);
        assert.equal(passes(60), 0);
      }
      age.moved(1);
      assert.equal(passes(200), 0);
      age.moved(2);
      age.stop();
      assert.equal(passes(200), 0);
      assert.equal(clock.pendingTimers, 0);
    });
  });

  describe('a rejection', () => {
    const rejection = { meeting: MEETING, epoch: 4, commit: DIGEST, code: 'group.stranger' };

    it('opens for whoever signed it and for nobody else, and nonsense for nobody', async () => {
      const keyOf = (participant: ParticipantId) => (participant === id('ada') ? ada : ben).signer.publicKey;
      const rejections = signedRejections(ada.signer.signing, keyOf);
      const reason = await rejections.sign(rejection);
      assert.deepEqual(await rejections.open(id('ada'), reason), rejection);
      assert.equal(await rejections.open(id('ben'), reason), undefined);
      for (const text of ['', 'null', '{}', `${reason}x`])
        assert.equal(await rejections.open(id('ada'), text), undefined);
    });
  });

  describe('heartbeats', () => {
    const setUp = (self: Somebody, line: readonly string[], hearing?: Hearing) => {
      const clock = new FakeClock(NOW);
      const standing = new Standing();
      for (const who of [ada, ben]) if (who !== self) admitTo(standing, who);
      let signatures = 0;
      const { signing } = self.signer;
      /** The key is taken in the same turn in which it is decided to sign. */
      const watched = {
        ...signing,
        get privateKey() {
          signatures += 1;
          return signing.privateKey;
        },
      };
      const present = new Set<PersonId>();
      const cutOff: boolean[] = [];
      const untold: boolean[] = [];
      const heads: Heads = [HEAD];
      const heard: bigint[] = [];
      const beats = new Beats({
        meeting: MEETING,
        self: { participant: self.entry.participant, person: person(self.name) },
        signing: watched,
        line: () => line.map(person),
        isPresent: (who) => present.has(who),
        heads: () => heads,
        standing,
        hearing,
        clock,
        say: () => {},
        onHeard: ({ epoch }) => heard.push(epoch),
        onCutOff: (mayBe, isUntold) => {
          cutOff.push(mayBe);
          untold.push(isUntold);
        },
        onFault: (error) => assert.fail(String(error)),
      });
      const code = { digits: '', words: [] };
      const members = [id('ben'), id('ada')];
      const moved = (epoch: bigint, there = members) =>
        beats.moved({ kind: 'epoch', epoch, code, digest: DIGEST, members: there, joined: [], left: [] });
      moved(4n);
      const beat = async (by: Somebody, epoch = 4, head = HEAD) =>
        signStatement(
          HEARTBEAT,
          { meeting: MEETING, epoch, digest: DIGEST, head, atUnixMs: clock.unixMs() },
          by.signer.signing,
        );
      return {
        clock,
        beats,
        standing,
        present,
        cutOff,
        untold,
        heard,
        moved,
        beat,
        signatures: () => signatures,
      };
    };

    it('count of a leader alone, and end the warning', async () => {
      const { clock, beats, cutOff, beat } = setUp(ada, ['ben']);
      clock.advance(CUT_OFF_AFTER_MS);
      assert.deepEqual(cutOff, [true]);
      await beats.hear(id('ben'), await beat(ada));
      assert.deepEqual(cutOff, [true], 'the relay says that it is ben’s');
      await beats.hear(id('ben'), await beat(ben));
      assert.deepEqual(cutOff, [true, false]);
    });

    it('of another epoch tell where the group is, and do not count', async () => {
      const { clock, beats, cutOff, heard, beat } = setUp(ada, ['ben']);
      await beats.hear(id('ben'), await beat(ben, 9));
      assert.deepEqual(heard, [9n]);
      clock.advance(CUT_OFF_AFTER_MS);
      assert.deepEqual(cutOff, [true]);
    });

    it('that name an entry which this device has not do not count, and the warning says why', async () => {
      const { clock, beats, cutOff, untold, heard, beat } = setUp(ada, ['ben']);
      const later = { ...HEAD, n: HEAD.n + 1 };
      for (let ms = 0; ms < CUT_OFF_AFTER_MS; ms += BEAT_EVERY_MS) {
        await beats.hear(id('ben'), await beat(ben, 4, later));
        clock.advance(BEAT_EVERY_MS);
      }
      assert.deepEqual([cutOff, untold], [[true], [true]]);
      assert.equal(heard.at(-1), 4n, 'they tell where the group is all the same');
      await beats.hear(id('ben'), await beat(ben));
      assert.deepEqual([cutOff.at(-1), untold.at(-1), beats.isUntold], [false, false, false]);
    });

    it('are not put off by new epochs', () => {
      const { clock, moved, cutOff } = setUp(ada, ['ben']);
      for (let i = 0; i < 5; i++) {
        clock.advance(CUT_OFF_AFTER_MS / 4);
        moved(BigInt(5 + i));
      }
      assert.deepEqual(cutOff, [true]);
    });

    it('are said by leaders and the two lowest leaves, and of no epoch with somebody who is out', () => {
      const speaks = (line: readonly string[], members: readonly string[], out?: string): boolean => {
        const { clock, moved, standing, signatures } = setUp(ada, line);
        for (const who of [yan, zoe]) admitTo(standing, who);
        if (out !== undefined) standing.out(id(out));
        moved(5n, members.map(id));
        clock.advance(BEAT_EVERY_MS);
        return signatures() > 0;
      };
      assert.equal(speaks(['ada'], ['ben', 'zoe', 'ada']), true);
      assert.equal(speaks(['ben'], ['ben', 'ada', 'zoe']), true);
      assert.equal(speaks(['ben'], ['ben', 'zoe', 'ada']), false);
      assert.equal(speaks(['ada'], ['ben', 'zoe', 'ada'], 'yan'), true);
      assert.equal(speaks(['ada'], ['ben', 'zoe', 'ada'], 'zoe'), false);
    });

    it('are not even opened where they count for nothing', async (t) => {
      const { beats, moved, standing, beat } = setUp(ada, ['ben']);
      admitTo(standing, zoe);
      moved(5n, [id('ben'), id('zoe'), id('ada')]);
      const verify = t.mock.method(crypto.subtle, 'verify');
      await beats.hear(id('zoe'), await beat(zoe, 5));
      assert.equal(verify.mock.callCount(), 0);
      await beats.hear(id('ben'), await beat(ben, 5));
      assert.equal(verify.mock.callCount(), 1);
    });

    it('count of nobody who is not in the group', async () => {
      const { beats, clock, moved, cutOff, beat } = setUp(ada, ['ada']);
      moved(5n, [id('ada')]);
      clock.advance(CUT_OFF_AFTER_MS);
      await beats.hear(id('ben'), await beat(ben, 5));
      assert.deepEqual(cutOff, [true]);
    });

    it('count of no other where a leader is in the meeting whom the group is without', async () => {
      const { beats, clock, moved, present, cutOff, beat } = setUp(ada, ['zoe']);
      present.add(person('zoe'));
      moved(5n);
      clock.advance(CUT_OFF_AFTER_MS);
      await beats.hear(id('ben'), await beat(ben, 5));
      assert.deepEqual(cutOff, [true]);
      present.clear();
      await beats.hear(id('ben'), await beat(ben, 5));
      assert.deepEqual(cutOff, [true, false]);
    });

    it('say after a minute without them that this device is cut off, over joins too', async () => {
      const first = setUp(ada, ['ben']);
      first.clock.advance(SEALS_UNHEARD_MS - 1);
      assert.equal(first.beats.isCutOff, false);
      first.clock.advance(1);
      assert.equal(first.beats.isCutOff, true);
      const again = setUp(ada, ['ben'], first.beats.hearing);
      again.clock.advance(SEALS_UNHEARD_MS);
      assert.equal(again.beats.isCutOff, true);
      await again.beats.hear(id('ben'), await again.beat(ben));
      assert.equal(again.beats.isCutOff, false);
    });

    it('count of the lowest leaves where no leader is in the group', async () => {
      const { clock, beats, moved, cutOff, beat } = setUp(ada, ['nobody']);
      moved(4n, [id('ben'), id('ada')]);
      clock.advance(CUT_OFF_AFTER_MS - 1_000);
      await beats.hear(id('ben'), await beat(ben));
      clock.advance(2_000);
      assert.deepEqual(cutOff, []);
      beats.stop();
      clock.advance(60_000);
      assert.deepEqual(cutOff, []);
      await eventually('no timer is left', () => clock.pendingTimers === 0);
    });
  });
});
