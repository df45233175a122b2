import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, beforeEach, describe, it } from 'node:test';
import { toBase64Url, utf8 } from '../../src/base/bytes.ts';
import { asId, type ParticipantId, type SessionId } from '../../src/base/ids.ts';
import type { Ask } from '../../src/client/media-session.ts';
import { deviceFolder } from '../../src/client/node/device-store.ts';
import { joinFault, problemFault } from '../../src/client/page/faults.ts';
import { LIST_AGAIN_MS } from '../../src/client/people/company.ts';
import { loadEnrolled } from '../../src/client/people/enrolled.ts';
import { enterByCertificate } from '../../src/client/people/enter-by-certificate.ts';
import { LIST_WITHIN_MS } from '../../src/client/people/lists.ts';
import type { MeetingState } from '../../src/client/store/state.ts';
import type {
  Announcement,
  Credentials,
  RequestOf,
  RosterEntry,
} from '../../src/signaling/protocol/messages.ts';
import { POSSESSION } from '../../src/trust/devices/possession.ts';
import { PRESENCE, type Presence } from '../../src/trust/devices/presence.ts';
import { DAY_MS } from '../../src/trust/hosts/validity.ts';
import { openCharter } from '../../src/trust/signing/charter.ts';
import { keysOf, newKeyPair, type SigningKey } from '../../src/trust/signing/keys.ts';
import { issueDeviceCertificate } from '../../src/trust/signing/people-authority.ts';
import { openStatement, signStatement } from '../../src/trust/signing/statement.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';
import {
  BOB,
  CAROL,
  type CertifiedWorld,
  MEETING,
  makeCertifiedWorld,
  OTHER_MEETING,
  stateWhere,
  type TestDevice,
} from '../support/certified-world.ts';
import { type FakeClient, idOf } from '../support/fake-meeting.ts';
import { forgedCertificate, forgedStatement } from '../support/forged.ts';
import { ALICE, codeOf, device, granted, makePeople, NOW, randomBytes } from '../support/people.ts';
import { eventually, settle } from '../support/until.ts';

/** Of a whole suite on busy cores; a test that never comes to its end fails by it. */
const TIMEOUT = { timeout: 60_000 };

describe('a meeting that is entered by certificate', TIMEOUT, () => {
  let world: CertifiedWorld;
  let alice: TestDevice;
  let bob: TestDevice;
  let carol: TestDevice;

  beforeEach(async () => {
    world = await makeCertifiedWorld();
    const devices = [ALICE, BOB, CAROL].map((names) => world.device(names));
    [alice, bob, carol] = (await Promise.all(devices)) as [TestDevice, TestDevice, TestDevice];
    world.net.server.charter = await world.charter({}, carol);
  });

  const enterBoth = async () => {
    const ada = await world.enter('Ada', alice);
    const ben = await world.enter('Ben', bob);
    await stateWhere(ada, ({ participants }) => participants.size === 1);
    return { ada, ben };
  };
  const executed = <Kind extends 'enter' | 'challenge'>(kind: Kind) =>
    world.net.server.executed.filter((request): request is RequestOf<Kind> => request.kind === kind);

  it('shows whose device everybody is, and what the charter says', async () => {
    const { ada, ben } = await enterBoth();
    const seen = ada.meeting.state.participants.get(idOf(ben));
    assert.deepEqual([seen?.name, seen?.person, seen?.device], [BOB.person, BOB.person, BOB.device]);
    assert.equal(ben.meeting.state.participants.get(idOf(ada))?.person, ALICE.person);
    assert.equal(ben.meeting.state.self?.person, BOB.person);
    assert.equal(ada.meeting.state.charter?.chair, BOB.person);
    assert.equal(ada.meeting.state.charter?.markingText, 'MIDDLE');
    assert.deepEqual(
      ada.meeting.state.charter?.groups.map(({ id }) => id),
      ['north'],
    );
    assert.equal(ada.meeting.state.problem, undefined);
  });

  it('tells of the charter before the media is there, and before anything of it is shown', async () => {
    const { fetchList } = world;
    const { promise: told, resolve } = Promise.withResolvers<string>();
    const onCharter = ({ markingText }: { markingText: string }) => resolve(markingText);
    const link = { meeting: MEETING };
    let isJoined = false;
    const joining = world.net.tryToJoin('Ada', { device: alice, fetchList, onCharter, link });
    void joining.then(() => {
      isJoined = true;
    });
    assert.deepEqual([await told, isJoined], ['MIDDLE', false]);
    assert.ok((await joining).joined.ok);
  });

  it('finds by itself what is wrong with its own device where the door says nothing', async () => {
    const refusal = { code: 'entry.refused', message: 'not admitted', reference: 'ABCD-EFGH' } as const;
    const refused = async () => {
      world.net.server.refuseNext('enter', refusal);
      const { joined } = await world.tryToEnter('Ada', alice);
      return joined.ok ? undefined : joined.refusal;
    };
    assert.deepEqual(await refused(), refusal);
    world.serve(await world.list({ number: 2, devices: [ALICE.device] }));
    const found = await refused();
    assert.deepEqual([found?.code, found?.reference], ['entry.revoked', 'ABCD-EFGH']);
    world.answer = () => Promise.reject(new Error('unreachable'));
    assert.deepEqual(await refused(), refusal);
  });

  it('plays what somebody sends who began before the judgement was done', async () => {
    const ada = await world.enter('Ada', alice);
    const ben = await world.enter('Ben', bob);
    assert.ok((await ben.meeting.produce('microphone', { layers: 1 })).ok);
    await eventually('the stream came', () => ada.streams.length === 1);
    assert.equal(ada.meeting.state.refusedStreams, 0);
  });

  it('answers each challenge once, bound to session, meeting and purpose', async () => {
    world.net.server.refuseNext('enter', { code: 'join.number-taken', message: 'taken' });
    await world.enter('Ada', alice);
    const [first, second] = executed('enter');
    assert.equal(executed('challenge').length, 2);
    assert.notEqual(first?.announcement.salt, second?.announcement.salt);
    const proofs = await Promise.all(
      [first, second].map((request) => openStatement(POSSESSION, request?.passport.proof, alice.publicKey)),
    );
    const connection = world.net.server.sessions[0]?.id;
    assert.deepEqual(
      proofs.map((proof) => granted(proof).value),
      world.net.server.nonces.map((nonce) => ({ nonce, connection, meeting: MEETING, purpose: 'enter' })),
    );
  });

  it('proves the key at each resume, with the secret as the challenge', async () => {
    const ada = await world.enter('Ada', alice);
    const [session] = world.net.server.sessions;
    const nonce = session?.secret;
    world.net.server.cutAll();
    await stateWhere(ada, ({ phase }) => phase.kind === 'reconnecting');
    await world.net.passUntil(() => ada.meeting.state.phase.kind === 'in');
    const proof = world.net.server.hellos.at(-1)?.resume?.proof;
    const { value } = granted(await openStatement(POSSESSION, proof, alice.publicKey));
    assert.deepEqual(value, { nonce, connection: session?.id, meeting: MEETING, purpose: 'resume' });
  });

  it('is entered anew where the session was lost, with a new challenge and a new presence', async () => {
    const { ada } = await enterBoth();
    const before = ada.meeting.state.self?.participant;
    world.net.server.forgetSessions();
    await stateWhere(ada, ({ phase }) => phase.kind === 'rejoining' || phase.kind === 'reconnecting');
    const isBack = ({ phase, participants }: MeetingState) => phase.kind === 'in' && participants.size === 1;
    await world.net.passUntil(() => isBack(ada.meeting.state) && executed('enter').length === 4);
    await stateWhere(ada, isBack);
    assert.notEqual(ada.meeting.state.self?.participant, before);
    const presences = executed('enter').map(({ presence }) => presence.bytes);
    assert.deepEqual([presences.length, new Set(presences).size], [4, 4]);
  });

  it('has nobody left of somebody who came and went at once', async () => {
    const ada = await world.enter('Ada', alice);
    const ben = await world.enter('Ben', bob);
    const participant = idOf(ben);
    await stateWhere(ada, ({ participants }) => participants.size === 1);
    const [, session] = world.net.server.sessions;
    assert(session?.announcement && session.credentials);
    const { announcement, credentials } = session;
    const gone = { kind: 'participant-left', participant, why: 'left' } as const;
    world.net.server.toAll(gone);
    world.net.server.toAll({ kind: 'participant-joined', participant, announcement, credentials });
    world.net.server.toAll(gone);
    world.net.server.toAll({ kind: 'participant-left', participant: asId('nobody'), why: 'left' });
    await stateWhere(ada, ({ participants }) => participants.size === 0);
    await stateWhere(ada, ({ participants }) => participants.size === 1);
    await stateWhere(ada, ({ participants }) => participants.size === 0);
    assert.deepEqual([...ada.keys], []);
  });

  it('parts with whoever a new list names, and with his key', async () => {
    const { ada, ben } = await enterBoth();
    await ben.meeting.produce('camera', { layers: 1 });
    await eventually('the stream came', () => ada.streams.length === 1);
    await world.publish({ number: 2, devices: [BOB.device] });
    await stateWhere(ada, ({ problem }) => problem?.code === 'entry.revoked');
    const { participants, streams, phase } = ada.meeting.state;
    assert.deepEqual([participants.size, streams.size, ada.keys.size, phase.kind], [0, 0, 0, 'in']);
    assert.equal(ada.streams.at(-1)?.kind, 'removed');
    await stateWhere(ben, isClosed);
    assert.equal(closedWith(ben), 'entry.revoked');
  });

  it('keeps the list that it has where the next one does not hold', async () => {
    const { ada } = await enterBoth();
    const bad = {
      'revocation.two-of-one-number': await world.list({ persons: [ALICE.person] }),
      'certificate.role': await world.list({ number: 2, persons: [ALICE.person] }, world.clearanceOffice),
      'list.behind': await world.list(),
    };
    for (const [code, list] of Object.entries(bad)) {
      world.serve(list);
      world.net.server.toAll({ kind: 'list-published', number: 2 });
      await stateWhere(ada, ({ problem }) => problem?.code === code);
    }
    await world.publish({ number: 3 });
    await eventually('the third was seen', () => alice.lists.seen?.number === 3);
    await world.publish({ number: 2, persons: [BOB.person] });
    await stateWhere(ada, ({ problem }) => problem?.code === 'revocation.older');
    assert.deepEqual([ada.meeting.state.phase.kind, ada.meeting.state.participants.size], ['in', 1]);
  });

  it('asks again for a list that did not come, until it is there', async () => {
    const { ada } = await enterBoth();
    world.answer = () => Promise.reject(new Error('unreachable'));
    world.net.server.toAll({ kind: 'list-published', number: 2 });
    await stateWhere(ada, ({ problem }) => problem?.code === 'list.unreachable');
    assert.equal(ada.meeting.state.participants.size, 1);
    await world.net.pass(LIST_AGAIN_MS + 500);
    world.serve(await world.list({ number: 2, persons: [BOB.person] }));
    await world.net.pass(LIST_AGAIN_MS);
    await stateWhere(ada, ({ participants }) => participants.size === 0);
  });

  it('fetches once more where a newer list was told of while one was under way', async () => {
    const { ada } = await enterBoth();
    const second = await world.list({ number: 2 });
    const { promise, resolve } = Promise.withResolvers<void>();
    const third = await world.list({ number: 3, persons: [BOB.person] });
    let asked = 0;
    world.serve(third);
    const newest = world.answer;
    world.answer = async () => {
      asked += 1;
      world.serve(second);
      const held = world.answer;
      world.answer = newest;
      await promise;
      return held();
    };
    world.net.server.toAll({ kind: 'list-published', number: 2 });
    await eventually('it was asked for', () => asked > 0);
    world.net.server.toAll({ kind: 'list-published', number: 3 });
    resolve();
    await stateWhere(ada, ({ problem }) => problem?.code === 'entry.revoked');
    assert.equal(ada.meeting.state.participants.size, 0);
  });

  it('parts with somebody whose clearance ends, when it ends', async () => {
    bob = await world.device(BOB, { untilUnixMs: NOW + 3_000 });
    const { ada } = await enterBoth();
    await world.net.pass(2_500);
    assert.equal(ada.meeting.state.participants.size, 1);
    await world.net.pass(500);
    assert.deepEqual([ada.meeting.state.participants.size, ada.keys.size], [0, 0]);
    assert.equal(ada.meeting.state.problem?.code, 'entry.clearance-not-good');
  });

  it('is over for everybody when the list ends', async () => {
    const untilUnixMs = NOW + 3_000;
    world.serve(await world.list({ untilUnixMs, issuedUnixMs: NOW }));
    const { ada, ben } = await enterBoth();
    await world.net.pass(3_000);
    assert.deepEqual([closedWith(ada), closedWith(ben)], ['entry.list-expired', 'entry.list-expired']);
  });

  it('is entered anew where the session is lost while the entry is judged', async () => {
    const { promise: held, resolve } = Promise.withResolvers<void>();
    const give = world.answer;
    let asked = 0;
    world.answer = async () => {
      asked += 1;
      if (asked === 1) await held;
      return give();
    };
    const entering = world.enter('Ada', alice);
    // Signatures take real time, which turns of the event loop do not.
    await eventually('the list was asked for', () => asked === 1);
    world.net.server.forgetSessions();
    await eventually('the socket is gone', () => world.net.server.sessions.length === 0);
    resolve();
    await world.net.passUntil(() => executed('enter').length === 2);
    const ada = await entering;
    assert.deepEqual([executed('enter').length, ada.meeting.state.phase.kind], [2, 'in']);
    assert.equal(idOf(ada), world.net.server.sessions[0]?.participant);
  });

  it('fetches the list that was told of while the entry was judged', async () => {
    const ben = await world.enter('Ben', bob);
    const { promise: held, resolve } = Promise.withResolvers<void>();
    const revoking = await world.list({ number: 2, persons: [BOB.person] });
    const first = world.answer;
    let asked = 0;
    world.answer = async () => {
      asked += 1;
      await held;
      world.serve(revoking);
      return first();
    };
    const entering = world.enter('Ada', alice);
    await eventually('the list was asked for', () => asked === 1);
    const [, session] = world.net.server.sessions;
    session?.event({ kind: 'list-published', number: 2 });
    await settle();
    resolve();
    const ada = await entering;
    await stateWhere(ada, ({ problem }) => problem?.code === 'entry.revoked');
    assert.deepEqual([ada.meeting.state.participants.has(idOf(ben)), ada.keys.size], [false, 0]);
  });

  it('is the same charter at a rejoin, or none', async () => {
    const ada = await world.enter('Ada', alice);
    world.net.server.charter = await world.charter({ deputies: [ALICE.person] }, carol);
    world.net.server.forgetSessions();
    await stateWhere(ada, ({ phase }) => phase.kind !== 'in');
    await world.net.passUntil(() => isClosed(ada.meeting.state));
    assert.equal(closedWith(ada), 'charter.other-digest');
  });
});

describe('whoever does not show all of it', TIMEOUT, () => {
  let world: CertifiedWorld;
  let alice: TestDevice;
  let bob: TestDevice;
  let carol: TestDevice;

  before(async () => {
    world = await makeCertifiedWorld();
    const devices = [ALICE, BOB, CAROL].map((names) => world.device(names));
    [alice, bob, carol] = (await Promise.all(devices)) as [TestDevice, TestDevice, TestDevice];
  });

  const presenceBy = (key: SigningKey, fields: Partial<Presence>, { salt, number }: Announcement) =>
    signStatement(PRESENCE, { meeting: MEETING, salt, number, ...fields }, key);

  /** What the relay makes of Bob's entry, by the code of what is found wrong with it. */
  const FORGERIES: readonly (readonly [string, string, (entry: Shown) => Promise<Shown>])[] = [
    [
      'no certificate at all',
      'entry.no-certificate',
      async ({ participant, announcement }) => ({ participant, announcement }) as Shown,
    ],
    [
      'a certificate of another root',
      'certificate.other-root',
      async (entry) => {
        const { certificate, signing } = await (await makePeople()).device(BOB);
        const presence = await presenceBy(signing, {}, entry.announcement);
        return withCredentials(entry, { certificate, presence });
      },
    ],
    [
      'the certificate of somebody else',
      'statement.other-signer',
      async (entry) => withCredentials(entry, { certificate: alice.certificate }),
    ],
    [
      'the presence of another device',
      'statement.other-signer',
      async (entry) =>
        withCredentials(entry, { presence: await presenceBy(carol.signing, {}, entry.announcement) }),
    ],
    [
      'a presence with a changed signature',
      'statement.not-authentic',
      async (entry) => {
        const other = await presenceBy(bob.signing, {}, entry.announcement);
        const { signature } = await presenceBy(bob.signing, { number: 1 }, entry.announcement);
        return withCredentials(entry, { presence: { ...other, signature } });
      },
    ],
    [
      'a presence of another number',
      'presence.other-number',
      async (entry) => {
        const number = entry.announcement.number ^ 1;
        return withCredentials(entry, {
          presence: await presenceBy(bob.signing, { number }, entry.announcement),
        });
      },
    ],
    [
      'a presence of another join',
      'presence.other-salt',
      async (entry) => {
        const salt = toBase64Url(new Uint8Array(16));
        return withCredentials(entry, {
          presence: await presenceBy(bob.signing, { salt }, entry.announcement),
        });
      },
    ],
    [
      'a presence in another meeting',
      'presence.other-meeting',
      async (entry) => {
        const meeting = OTHER_MEETING;
        return withCredentials(entry, {
          presence: await presenceBy(bob.signing, { meeting }, entry.announcement),
        });
      },
    ],
    [
      'a certificate that its authority did not sign',
      'certificate.other-root',
      async (entry) => withCredentials(entry, { certificate: forgedCertificate(bob.certificate) }),
    ],
    [
      'a clearance that its office did not sign',
      'statement.not-authentic',
      async (entry) => withCredentials(entry, { clearance: forgedStatement(bob.clearance) }),
    ],
    [
      'the clearance of another person',
      'entry.clearance-not-good',
      async (entry) => withCredentials(entry, { clearance: alice.clearance }),
    ],
    [
      'a clearance of another office',
      'certificate.role',
      async (entry) =>
        withCredentials(entry, { clearance: await world.clear(BOB, {}, world.revocationOffice) }),
    ],
    [
      'a clearance that is too low',
      'entry.not-cleared',
      async (entry) => {
        const label = { scale: 'sample', level: 'low', groups: ['north'] };
        return withCredentials(entry, { clearance: await world.clear(BOB, { label }) });
      },
    ],
    [
      'a person whom the charter does not name',
      'entry.not-admitted',
      async (entry) => {
        const { certificate, clearance, signing } = carol;
        const presence = await presenceBy(signing, {}, entry.announcement);
        return withCredentials(entry, { certificate, clearance, presence });
      },
    ],
    [
      'a certificate that is not valid yet',
      'certificate.not-yet',
      async (entry) => {
        const early = await world.people.device(BOB, undefined, NOW + 10 * DAY_MS);
        const presence = await presenceBy(early.signing, {}, entry.announcement);
        return withCredentials(entry, { certificate: early.certificate, presence });
      },
    ],
  ];

  for (const [what, code, forge] of FORGERIES)
    it(`is neither shown nor opened: ${what}`, async () => {
      world.renew();
      world.net.server.charter = await world.charter({}, carol);
      const ada = await world.enter('Ada', alice);
      const ben = await world.enter('Ben', bob);
      await stateWhere(ada, ({ participants }) => participants.size === 1);
      const [, session] = world.net.server.sessions;
      assert(session?.announcement && session.credentials && session.participant);
      const { participant, announcement, credentials } = session;
      const forged = await forge({ participant, announcement, credentials });
      world.net.server.toAll({ kind: 'participant-left', participant, why: 'left' });
      world.net.server.toAll({ kind: 'participant-joined', ...forged });
      await stateWhere(ada, ({ problem }) => problem?.code === code);
      assertAbsent(ada, participant, code);
      assert.notEqual(problemFault({ code, message: '' }), 'unexpected', 'the page has words for it');

      // As the roster that somebody meets who comes later.
      await ben.meeting.produce('microphone', { layers: 1 });
      world.net.server.alter = (entry) => (entry.participant === participant ? forged : entry);
      const late = await world.enter('Late', await world.device({ ...ALICE, device: device('alice-2') }));
      await stateWhere(late, ({ unverified }) => unverified.has(participant));
      assertAbsent(late, participant, code, 1);
      assert.equal(late.keys.ever.size, 1, 'nor was one held for a moment');
      await eventually('the stream was refused', () => late.meeting.state.refusedStreams === 1);
      assert.deepEqual(late.streams, []);
    });
});

describe('a device that may not enter, or is lied to', TIMEOUT, () => {
  let world: CertifiedWorld;
  let alice: TestDevice;
  let carol: TestDevice;

  before(async () => {
    world = await makeCertifiedWorld();
    [alice, carol] = await Promise.all([world.device(ALICE), world.device(CAROL)]);
  });
  beforeEach(async () => {
    world.renew();
    alice = await world.device(ALICE);
    world.serve(await world.list());
    world.net.server.charter = await world.charter({}, carol);
  });

  /** What differs from a meeting that could be entered, by the code that the device closes with. */
  const LIES: readonly (readonly [string, string, () => Promise<void>])[] = [
    [
      'the charter of another meeting',
      'charter.other-meeting',
      async () => setCharter(await world.charter({ meeting: OTHER_MEETING }, carol)),
    ],
    [
      'a charter in the name of another device',
      'charter.other-convener',
      async () => setCharter(await world.charter({ convener: BOB.device }, carol)),
    ],
    [
      'a charter under another root',
      'certificate.other-root',
      async () => setCharter(await world.charter({}, await (await makePeople()).device(CAROL))),
    ],
    [
      'a charter that its convener did not sign',
      'statement.not-authentic',
      async () => setCharter(forgedStatement(await world.charter({}, carol))),
    ],
    [
      'a charter by a certificate that its authority did not sign',
      'certificate.other-root',
      async () =>
        setCharter(await world.charter({}, { ...carol, certificate: forgedCertificate(carol.certificate) })),
    ],
    [
      'a charter that does not name this person',
      'entry.not-admitted',
      async () =>
        setCharter(
          await world.charter({ admission: { kind: 'roster', persons: [BOB.person] }, deputies: [] }, carol),
        ),
    ],
    [
      'a marking above the clearance',
      'entry.not-cleared',
      async () =>
        setCharter(await world.charter({ marking: { scale: 'sample', level: 'high', groups: [] } }, carol)),
    ],
    [
      'an older list than was seen before a restart',
      'revocation.older',
      async () => {
        world.serve(await world.list({ number: 5 }));
        await world.tryToEnter('Ada', alice);
        await eventually('it was kept', () => alice.lists.seen?.number === 5);
        world.net.server.forgetSessions();
        world.serve(await world.list({ number: 4 }));
      },
    ],
    [
      'a list that its office did not sign',
      'statement.not-authentic',
      async () => world.serve(forgedStatement(await world.list())),
    ],
    [
      'a list of the other office',
      'certificate.role',
      async () => world.serve(await world.list({}, world.clearanceOffice)),
    ],
    [
      'a list that has expired',
      'revocation.expired',
      async () => world.serve(await world.list({ untilUnixMs: NOW - 1 })),
    ],
    [
      'a list on which this device is',
      'entry.revoked',
      async () => world.serve(await world.list({ number: 2, devices: [ALICE.device] })),
    ],
    [
      'no list at all',
      'list.unreachable',
      async () => {
        world.answer = () => Promise.reject(new Error('refused'));
      },
    ],
    [
      'something else than a list',
      'json.malformed',
      async () => {
        world.answer = async () => utf8('<!doctype html>');
      },
    ],
    [
      'a store that cannot tell which list was seen',
      'list.lost',
      async () => {
        alice.lists.last = () => Promise.reject(new Error('damaged'));
      },
    ],
  ];
  const setCharter = (charter: Vouched): void => {
    world.net.server.charter = charter;
  };

  for (const [what, code, lie] of LIES)
    it(`closes and says why: ${what}`, async () => {
      await lie();
      const { joined, port, keys } = await world.tryToEnter('Ada', alice);
      assert.equal(codeOf(joined), code);
      assert(!joined.ok);
      assert.match(joined.refusal.message, /this device may not be in the meeting/);
      assert.notEqual(joinFault(joined.refusal), 'unexpected', 'the page has words for it');
      assert.deepEqual([keys.size, port.calls.includes('load')], [0, false], 'nothing was begun');
    });

  it('tells two charters of one meeting apart by the link', async () => {
    const judge = { root: world.people.root, nowUnixMs: NOW };
    const agreed = granted(await openCharter(await world.charter({}, carol), judge));
    const charter = agreed.opened.digest;
    assert.equal(codeOf((await world.tryToEnter('Ada', alice, { charter })).joined), 'ok');
    world.renew();
    setCharter(await world.charter({ opensByItself: false }, carol));
    const { joined } = await world.tryToEnter('Ada', alice, { charter });
    assert.equal(codeOf(joined), 'charter.other-digest');
  });

  it('waits for the list no longer than its deadline', async () => {
    const { promise: never } = Promise.withResolvers<never>();
    let asked = false;
    world.answer = () => {
      asked = true;
      return never;
    };
    const entering = world.tryToEnter('Ada', alice);
    await eventually('the list was asked for', () => asked);
    await world.net.pass(LIST_WITHIN_MS);
    assert.equal(codeOf((await entering).joined), 'list.unreachable');
  });

  it('comes back from its folder, and takes no older list than before', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'belfry-device-'));
    const store = () => deviceFolder(folder, randomBytes);
    const load = async () => granted(await loadEnrolled(store()));
    try {
      assert.equal(await load(), undefined);
      const pair = await newKeyPair(true);
      const { publicKey } = await keysOf(pair);
      const at = { nowUnixMs: NOW, randomBytes };
      const certificate = await issueDeviceCertificate(world.people.authority, ALICE, publicKey, at);
      const { scale, clearance } = alice;
      await store().keep({ root: world.people.root.pem, scale, certificate, clearance, pair });
      world.serve(await world.list({ number: 5 }));
      const first = await load();
      assert(first !== undefined);
      await world.enter('Ada', first);
      await eventually('the list was kept', () => existsSync(join(folder, 'seen-list.json')));
      world.renew();
      setCharter(await world.charter({}, carol));
      world.serve(await world.list({ number: 4 }));
      const again = await load();
      assert(again !== undefined);
      assert.equal(codeOf((await world.tryToEnter('Ada', again)).joined), 'revocation.older');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('sends no proof into a session that it was not made for', async () => {
    const announcement = { salt: 'AAECAwQFBgcICQoLDA0ODw', number: 1 };
    const sessions = [16, 17].map((byte) => asId<SessionId>(toBase64Url(new Uint8Array(16).fill(byte))));
    const kinds: string[] = [];
    const ask: Ask = async (kind) => {
      kinds.push(kind);
      return { ok: true, value: { nonce: toBase64Url(new Uint8Array(32)) } as never };
    };
    const bearer = { device: alice, session: () => sessions.shift() };
    assert.equal(codeOf(await enterByCertificate(ask, bearer, MEETING, announcement)), 'session.lost');
    assert.deepEqual(kinds, ['challenge']);
  });

  it('signs nothing that is no challenge', async () => {
    const announcement = { salt: 'AAECAwQFBgcICQoLDA0ODw', number: 1 };
    const ask: Ask = async () => ({ ok: true, value: { nonce: 'A' } as never });
    const session = () => asId<SessionId>(toBase64Url(new Uint8Array(16)));
    const entered = await enterByCertificate(ask, { device: alice, session }, MEETING, announcement);
    assert.equal(codeOf(entered), 'protocol.malformed');
  });
});

type Shown = RosterEntry & { readonly credentials: Credentials };

const withCredentials = (entry: Shown, changed: Partial<Credentials>): Shown => ({
  ...entry,
  credentials: { ...entry.credentials, ...changed },
});

const assertAbsent = (client: FakeClient, participant: ParticipantId, code: string, others = 0): void => {
  const { state } = client.meeting;
  assert.equal(state.participants.has(participant), false);
  assert.equal(state.unverified.get(participant), code);
  assert.equal(client.keys.size, others, 'no key of it is held');
};

const isClosed = ({ phase }: MeetingState): boolean => phase.kind === 'closed';
const closedWith = ({ meeting }: FakeClient): string | undefined =>
  meeting.state.phase.kind === 'closed' ? meeting.state.phase.why?.code : undefined;
