/** Who comes in with a certificate, over real sockets and on a driven clock. */
import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, describe, it } from 'node:test';
import { seededRandom } from '../../bench/random.ts';
import type { MeetingId } from '../../src/base/ids.ts';
import { DEFAULT_LIMITS } from '../../src/signaling/limits.ts';
import type { Charter } from '../../src/trust/charter/charter.ts';
import { DAY_MS } from '../../src/trust/hosts/validity.ts';
import { CLEARANCE } from '../../src/trust/markings/clearance.ts';
import { openOfficeStatement } from '../../src/trust/signing/vouched.ts';
import type { Envelope } from '../../src/trust/statement/statement.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';
import { FakeDisk, FakeStore } from '../support/fake-store.ts';
import { forgedCertificate, forgedStatement } from '../support/forged.ts';
import { announce, Ministry, newMeetingId, type Official, prove } from '../support/ministry.ts';
import { mutated } from '../support/mutations.ts';
import { device, granted, NOW, person } from '../support/people.ts';
import { RawClient, type Received } from '../support/raw-client.ts';
import { type Harness, startHarness } from '../support/raw-client-harness.ts';

const { entryRefusalMs } = DEFAULT_LIMITS;

/** Everything that an entry shows. */
interface Entry {
  meeting: MeetingId;
  certificate: string;
  clearance: Vouched;
  proof: Envelope;
  announcement: object;
  presence: Envelope;
}

describe('the door', () => {
  let ministry: Ministry;
  let alice: Official;
  let bob: Official;
  let disk: FakeDisk;
  let server: Harness;
  let meeting: MeetingId;
  let number = 0;

  before(async () => {
    ministry = await Ministry.open();
    [alice, bob] = [await ministry.official('alice'), await ministry.official('bob')];
  });
  const start = async () => {
    server = await startHarness({ trust: ministry.trust(), store: new FakeStore(disk) });
  };
  beforeEach(async () => {
    disk = new FakeDisk();
    await start();
    meeting = newMeetingId();
    await convene(alice, { meeting });
  });
  afterEach(() => server.close());

  const challenge = async (client: RawClient, of: MeetingId, purpose: 'enter' | 'convene') =>
    String((await client.done('challenge', { meeting: of, purpose })).nonce);

  const convening = async (by: Official, change: Parameters<Ministry['charter']>[1] = {}) => {
    const { client, session } = await server.hello();
    const charter = ministry.charter(by, change);
    const nonce = await challenge(client, charter.meeting, 'convene');
    const possession = { nonce, connection: session, meeting: charter.meeting, purpose: 'convene' } as const;
    return { client, charter: await ministry.sign(by, charter), proof: await prove(by, possession) };
  };
  const convene = async (by: Official, change: Parameters<Ministry['charter']>[1] = {}) => {
    const { client, charter, proof } = await convening(by, change);
    await client.done('convene', { charter, proof });
    return charter;
  };

  /** Brings a charter that was signed before, over a connection of its own. */
  const askAgain = async (by: Official, { meeting: of }: Charter, charter: Vouched) => {
    const { client, session } = await server.hello();
    const nonce = await challenge(client, of, 'convene');
    const proof = await prove(by, { nonce, connection: session, meeting: of, purpose: 'convene' });
    const from = server.log.length;
    return { client, id: client.ask('convene', { charter, proof }), from };
  };

  const prepare = async (who: Official) => {
    const { client, session, secret } = await server.hello();
    const nonce = await challenge(client, meeting, 'enter');
    const proof = await prove(who, { nonce, connection: session, meeting, purpose: 'enter' });
    const { certificate } = who.signer;
    const entry: Entry = {
      meeting,
      certificate,
      clearance: who.clearance,
      proof,
      ...(await announce(who, meeting, ++number)),
    };
    return { client, session, secret, entry, nonce };
  };
  const send = (
    client: RawClient,
    { meeting: to, certificate, clearance, proof, announcement, presence }: Entry,
  ) =>
    client.ask('enter', { meeting: to, passport: { certificate, clearance, proof }, announcement, presence });

  const enter = async (who: Official) => {
    const prepared = await prepare(who);
    const reply = await prepared.client.reply(send(prepared.client, prepared.entry));
    assert.equal(reply.ok, true, reply.error?.code);
    return { ...prepared, reply };
  };

  /** The answer, once the clock has reached its deadline and not a millisecond before. */
  const answerAt = async (client: RawClient, id: number): Promise<Received> => {
    server.clock.advance(entryRefusalMs - 1);
    await client.request('request-key-frame', { consumer: 'none' });
    assert.equal(
      client.received.some(({ re }) => re === id),
      false,
      'nothing before the deadline',
    );
    server.clock.advance(1);
    return client.reply(id);
  };
  const lastRule = () => {
    const entry = server.record.entries.at(-1);
    return entry?.kind === 'decision' ? `${entry.asked} ${entry.allowed} ${entry.rule}` : entry?.kind;
  };

  it('lets in who shows all of it, and shows everybody the credentials of the others', async () => {
    const first = await enter(alice);
    const charter = first.reply.body?.charter as Vouched;
    assert.equal(charter.statement.kind, 'charter');
    const second = await enter(bob);
    const roster = second.reply.body?.roster as { credentials: { certificate: string } }[] | undefined;
    const [entry] = roster ?? [];
    assert.equal(entry?.credentials.certificate, alice.signer.certificate);
    const joined = await first.client.event('participant-joined');
    assert.deepEqual(Object.keys(joined.credentials as object), ['certificate', 'clearance', 'presence']);
    assert.deepEqual(
      server.record.entries
        .filter((one) => one.kind === 'decision')
        .map(({ asked, rule }) => `${asked} ${rule}`),
      ['convening charter', 'entry charter', 'entry charter'],
    );
  });

  /** The same bytes for every reason, but for what counts messages and the reference, under which the record says the reason. */
  const isUniform = (reply: Received, rule: string): void => {
    const { reference } = reply.error ?? {};
    assert.equal(
      JSON.stringify({ ...reply, seq: 0, re: 0, error: { ...reply.error, reference: 'XXXX-XXXX' } }),
      '{"seq":0,"re":0,"ok":false,"error":{"code":"entry.refused","message":"not admitted","reference":"XXXX-XXXX"}}',
    );
    assert.match(String(reference), /^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    const recorded = server.record.entries.at(-1);
    assert.equal(recorded?.kind === 'decision' && recorded.rule, rule);
    assert.equal(recorded?.kind === 'decision' && recorded.reference, reference);
  };

  /** One thing wrong each, and the rule that stands in the record. */
  const WRONG: readonly [
    string,
    string,
    (entry: Entry, at: Awaited<ReturnType<typeof prepare>>) => Promise<Partial<Entry>>,
  ][] = [
    [
      'another person’s certificate',
      'statement.other-signer',
      async () => ({ certificate: bob.signer.certificate }),
    ],
    ['a certificate that is none', 'certificate.malformed', async () => ({ certificate: 'x' })],
    [
      'a certificate of another authority',
      'certificate.other-root',
      async () => ({ certificate: (await (await Ministry.open()).official('alice')).signer.certificate }),
    ],
    [
      'the proof of another connection',
      'possession.other-connection',
      async (_, { nonce }) => ({
        proof: await prove(alice, { nonce, connection: 'A'.repeat(22), meeting, purpose: 'enter' }),
      }),
    ],
    [
      'a proof for another purpose',
      'possession.other-purpose',
      async (_, { nonce, session }) => ({
        proof: await prove(alice, { nonce, connection: session, meeting, purpose: 'convene' }),
      }),
    ],
    [
      'a proof of another nonce',
      'possession.other-nonce',
      async (_, { session }) => ({
        proof: await prove(alice, { nonce: 'A'.repeat(43), connection: session, meeting, purpose: 'enter' }),
      }),
    ],
    [
      'somebody else’s proof',
      'statement.other-signer',
      async (_, { nonce, session }) => ({
        proof: await prove(bob, { nonce, connection: session, meeting, purpose: 'enter' }),
      }),
    ],
    [
      'a statement of another kind as proof',
      'statement.other-kind',
      async (entry) => ({ proof: entry.presence }),
    ],
    [
      'the presence of somebody else',
      'statement.other-signer',
      async () => ({ presence: (await announce(bob, meeting, 7)).presence }),
    ],
    [
      'the presence of another announcement',
      'presence.other',
      async () => ({ presence: (await announce(alice, meeting, 7)).presence }),
    ],
    [
      'the clearance of another person',
      'entry.clearance-not-good',
      async () => ({ clearance: bob.clearance }),
    ],
    [
      'a clearance that is too low',
      'entry.not-cleared',
      async () => ({ clearance: await ministry.clear('alice', { level: 'restricted' }) }),
    ],
    [
      'an expired clearance',
      'entry.clearance-not-good',
      async () => ({ clearance: await ministry.clear('alice', { atUnixMs: NOW - 60 * DAY_MS }) }),
    ],
    [
      'a clearance that the person signed',
      'certificate.role',
      async (entry) => ({ clearance: { ...entry.clearance, certificate: alice.signer.certificate } }),
    ],
    [
      'a certificate that its authority did not sign',
      'certificate.other-root',
      async (entry) => ({ certificate: forgedCertificate(entry.certificate) }),
    ],
    [
      'a clearance that its office did not sign',
      'statement.not-authentic',
      async (entry) => ({ clearance: forgedStatement(entry.clearance) }),
    ],
    ['a meeting that is not there', 'possession.no-challenge', async () => ({ meeting: newMeetingId() })],
  ];

  for (const [what, rule, change] of WRONG)
    it(`turns away ${what}, as it turns away everybody`, async () => {
      const prepared = await prepare(alice);
      const entry = { ...prepared.entry, ...(await change(prepared.entry, prepared)) };
      const id = send(prepared.client, entry);
      await server.logged('entry.refused');
      const reply = await answerAt(prepared.client, id);
      isUniform(reply, rule);
    });

  /** What lies with the meeting or the relay, not with what is shown. */
  const AROUND: readonly [string, string, (meeting: MeetingId) => Promise<unknown>][] = [
    [
      'who is not on the roster',
      'entry.not-admitted',
      (meeting) =>
        convene(bob, {
          meeting,
          admission: { kind: 'roster', persons: [bob.person] },
        }),
    ],
    [
      'who has not all groups of the meeting',
      'entry.not-cleared',
      (meeting) =>
        convene(bob, {
          meeting,
          marking: { scale: ministry.scale.scale, level: 'secret', groups: ['north'] },
        }),
    ],
    ['whoever comes while there is no list', 'entry.no-list', async () => ministry.withdrawList()],
    [
      'whoever comes when the list has expired',
      'entry.list-expired',
      async () => server.clock.advance(8 * DAY_MS),
    ],
    ['whose certificate has expired', 'certificate.expired', async () => server.clock.advance(31 * DAY_MS)],
    ['a revoked device', 'entry.revoked', () => ministry.publish({ devices: [device('alice-1')] })],
    ['a revoked person', 'entry.revoked', () => ministry.publish({ persons: [person('alice')] })],
    [
      'whoever comes when the convener was revoked',
      'entry.convener-revoked',
      async (meeting) => {
        await convene(bob, { meeting });
        await ministry.publish({ persons: [bob.person] });
      },
    ],
    [
      'whose clearance was taken back',
      'entry.clearance-not-good',
      async (meeting) => {
        await convene(bob, { meeting });
        const judge = { root: ministry.people.root, nowUnixMs: NOW };
        const opened = await openOfficeStatement(CLEARANCE, 'clearance', alice.clearance, judge);
        await ministry.publish({ clearances: [granted(opened).digest] });
      },
    ],
  ];
  for (const [what, rule, arrange] of AROUND)
    it(`turns away ${what}`, async () => {
      // One that nobody has convened yet.
      if (arrange.length > 0) meeting = newMeetingId();
      await arrange(meeting);
      const { client, entry } = await prepare(alice);
      const id = send(client, entry);
      await server.logged('entry.refused');
      isUniform(await answerAt(client, id), rule);
      assert.equal(lastRule(), `entry false ${rule}`);
      await ministry.publish({});
    });

  const refused = async (client: RawClient, id: number, rule: string) => {
    await server.logged('entry.refused');
    assert.equal((await answerAt(client, id)).error?.code, 'entry.refused');
    assert.equal(lastRule(), rule);
  };

  it('turns away whoever comes when the certificate under the charter has ended', async () => {
    server.clock.advance(31 * DAY_MS);
    await ministry.publish({}, NOW + 31 * DAY_MS);
    const { client, entry } = await prepare(
      await ministry.official('alice', { atUnixMs: NOW + 20 * DAY_MS }),
    );
    await refused(client, send(client, entry), 'entry false entry.convener-over');
    await ministry.publish({});
  });

  it('takes a nonce once, whatever became of it, and the newest alone', async () => {
    const { client, session, entry } = await prepare(alice);
    await refused(
      client,
      send(client, { ...entry, clearance: bob.clearance }),
      'entry false entry.clearance-not-good',
    );
    const before = server.log.length;
    const again = send(client, entry);
    await server.logged('entry.refused', before);
    server.clock.advance(entryRefusalMs);
    assert.equal((await client.reply(again)).error?.code, 'entry.refused');
    assert.equal(lastRule(), 'entry false possession.no-challenge');

    const nonce = await challenge(client, meeting, 'enter');
    await challenge(client, meeting, 'enter');
    const proof = await prove(alice, { nonce, connection: session, meeting, purpose: 'enter' });
    const from = server.log.length;
    const id = send(client, { ...entry, proof });
    await server.logged('entry.refused', from);
    await answerAt(client, id);
    assert.equal(lastRule(), 'entry false possession.other-nonce');
  });

  it('keeps nonces as used in the store', async () => {
    const { client, entry } = await prepare(alice);
    await client.reply(send(client, entry));
    assert.ok([...disk.oneTimes.values()].some(({ kind }) => kind === 'nonce'));
    const store = new FakeStore(disk, { maxOneTimes: 0 });
    await server.close();
    server = await startHarness({ trust: ministry.trust(), store });
    await server.signaling.reopenMeetings();
    const next = await prepare(bob);
    await refused(next.client, send(next.client, next.entry), 'entry false store.full');
  });

  it('writes down the nonces of good proofs alone: strangers cannot fill the store', async () => {
    const before = disk.oneTimes.size;
    const { client, entry, session, nonce } = await prepare(alice);
    const proof = await prove(bob, { nonce, connection: session, meeting, purpose: 'enter' });
    await refused(client, send(client, { ...entry, proof }), 'entry false statement.other-signer');
    assert.equal(disk.oneTimes.size, before);
    const next = await prepare(alice);
    const [from, clearance] = [server.log.length, bob.clearance];
    const id = send(next.client, { ...next.entry, clearance });
    await server.logged('entry.refused', from);
    await answerAt(next.client, id);
    assert.equal(disk.oneTimes.size, before + 1, 'a good proof is used up by whatever refusal');
  });

  it('refuses a nonce that the store knows as used', async () => {
    const { client, entry, nonce } = await prepare(alice);
    new FakeStore(disk).useOnce({ kind: 'nonce', id: nonce, untilUnixMs: NOW + DAY_MS });
    await refused(client, send(client, entry), 'entry false once.used');
  });

  it('shows by no other request how long a judgement took', async () => {
    const { client, entry } = await prepare(alice);
    const id = send(client, { ...entry, clearance: bob.clearance });
    await server.logged('entry.refused');
    const ask = () => client.request('challenge', { meeting, purpose: 'enter' });
    assert.equal((await ask()).error?.code, 'order.entering');
    assert.equal((await answerAt(client, id)).error?.code, 'entry.refused');
    assert.equal((await ask()).ok, true);
  });

  it('judges by the list of the moment in which somebody comes in', async () => {
    const before = ministry.trust().list();
    const after = await ministry.publish({ persons: [alice.person] });
    await ministry.publish({});
    let current = before;
    let [armed, looks] = [false, 0];
    const store = new FakeStore(disk);
    const list = () => {
      // Once where signatures are checked, and once more when somebody comes in.
      if (armed && ++looks === 2) current = after;
      return current;
    };
    await server.close();
    server = await startHarness({ trust: { ...ministry.trust(), list }, store });
    await server.signaling.reopenMeetings();
    const { client, entry } = await prepare(alice);
    armed = true;
    await refused(client, send(client, entry), 'entry false entry.revoked');
  });

  it('watches over nobody who found no place', async () => {
    let looks = 0;
    const list = () => {
      looks++;
      return ministry.trust().list();
    };
    await server.close();
    const trust = { ...ministry.trust(), list };
    server = await startHarness({ trust, store: new FakeStore(disk) });
    await server.signaling.reopenMeetings();
    const inside = await enter(alice);
    const { client, entry } = await prepare(bob);
    const taken = await announce(bob, meeting, number - 1);
    assert.equal((await client.reply(send(client, { ...entry, ...taken }))).error?.code, 'join.number-taken');
    looks = 0;
    await ministry.publish({});
    assert.equal(looks, 2, 'once for the number of the list, once for alice');
    assert.equal((await inside.client.request('request-key-frame', { consumer: 'none' })).ok, false);
  });

  it('outlives damaged entries and charters of whatever form', async () => {
    const random = seededRandom(26);
    for (let round = 0; round < 120; round++) {
      const { client, entry } = await prepare(alice);
      const { certificate, clearance, proof, ...rest } = entry;
      const charter = await ministry.sign(alice, ministry.charter(alice));
      const honest =
        round % 2 === 0
          ? { id: 50, kind: 'enter', ...rest, passport: { certificate, clearance, proof } }
          : { id: 50, kind: 'convene', charter, proof };
      client.sendText(mutated(honest, random));
      client.send({ id: 51, kind: 'challenge', meeting, purpose: 'enter' });
      await Promise.race([client.closed, client.reply(51)]);
      await client.vanish();
    }
    const failures = server.log.filter(({ event }) => event === 'door.failed' || event === 'message.failed');
    assert.deepEqual(failures, []);
    await enter(bob);
  });

  it('judges one request of a session at a time', async () => {
    const { client, entry } = await prepare(alice);
    const [first, second] = [send(client, entry), send(client, entry)];
    assert.equal((await client.reply(second)).error?.code, 'order.entering');
    assert.equal((await client.reply(first)).ok, true);
    assert.equal(
      (await client.request('challenge', { meeting, purpose: 'enter' })).error?.code,
      'order.already-joined',
    );
  });

  it('turns away who comes while as many are judged as may be', async () => {
    await server.close();
    server = await startHarness({ trust: ministry.trust(), store: new FakeStore(disk) }, { maxJudging: 0 });
    const { client, entry } = await prepare(alice);
    await refused(client, send(client, entry), 'entry false door.crowded');
  });

  it('lets nobody in who is gone when the judgement comes', async () => {
    const { client, entry } = await prepare(alice);
    send(client, entry);
    await client.vanish();
    const next = await enter(bob);
    assert.deepEqual(next.reply.body?.roster, []);
  });

  it('lets nobody in who cannot be recorded', async () => {
    const { client, entry } = await prepare(alice);
    server.record.isFull = true;
    const id = send(client, entry);
    await server.logged('entry.refused');
    assert.equal((await answerAt(client, id)).error?.code, 'entry.refused');
  });

  it('has no list of revocations to give where none was found good', async () => {
    const trust = { ...ministry.trust(), list: () => undefined };
    const bare = await startHarness({ trust, store: new FakeStore(new FakeDisk()) });
    assert.equal((await fetch(`http://127.0.0.1:${bare.port}/v1/revocation`)).status, 404);
    await bare.close();
  });

  it('gives the list of revocations to whoever asks', async () => {
    const response = await fetch(`http://127.0.0.1:${server.port}/v1/revocation`);
    assert.deepEqual(await response.json(), ministry.trust().list()?.vouched);
    assert.equal(response.headers.get('cache-control'), 'no-store');
  });

  describe('a charter', () => {
    const turnedAway = async (
      by: Official,
      rule: string,
      change: (sent: { charter: Vouched; proof: Envelope }) => object | Promise<object>,
      charter: Parameters<Ministry['charter']>[1] = {},
    ) => {
      const { client, ...sent } = await convening(by, charter);
      const from = server.log.length;
      const id = client.ask('convene', { ...sent, ...(await change(sent)) });
      await server.logged('entry.refused', from);
      assert.equal((await answerAt(client, id)).error?.code, 'entry.refused');
      assert.equal(lastRule(), `convening false ${rule}`);
    };

    it('opens its meeting once: again while it is open, and never after its end', async () => {
      const charter = ministry.charter(alice, { meeting: newMeetingId() });
      const vouched = await ministry.sign(alice, charter);
      const ask = () => askAgain(alice, charter, vouched);
      for (let time = 0; time < 2; time++) {
        const { client, id } = await ask();
        assert.equal((await client.reply(id)).ok, true);
      }
      assert.equal(server.signaling.endMeeting(charter.meeting).ok, true);
      const { client, id, from } = await ask();
      await server.logged('entry.refused', from);
      await answerAt(client, id);
      assert.equal(lastRule(), 'convening false meeting.exists');
    });

    it('is refused where it was altered, signed by another, or brought by another', async () => {
      await turnedAway(alice, 'statement.not-authentic', ({ charter }) => ({
        charter: { ...charter, statement: { ...charter.statement, bytes: 'e30' } },
      }));
      await turnedAway(alice, 'statement.not-authentic', ({ charter }) => ({
        charter: forgedStatement(charter),
      }));
      await turnedAway(alice, 'certificate.other-root', ({ charter }) => ({
        charter: { ...charter, certificate: forgedCertificate(charter.certificate) },
      }));
      await turnedAway(alice, 'charter.other-convener', async () => ({
        charter: await ministry.sign(alice, ministry.charter(bob)),
      }));
      const of = newMeetingId();
      await turnedAway(
        bob,
        'statement.other-signer',
        async () => ({ charter: await ministry.sign(alice, ministry.charter(alice, { meeting: of })) }),
        { meeting: of },
      );
      await turnedAway(bob, 'charter.another', (sent) => sent, { meeting });
    });

    it('is refused where its marking is unknown, its convener revoked, or no list in force', async () => {
      const marking = { scale: ministry.scale.scale, level: 'cosmic', groups: [] };
      await turnedAway(alice, 'label.unknown-level', (sent) => sent, { marking });
      await ministry.publish({ devices: [alice.device] });
      await turnedAway(alice, 'entry.convener-revoked', (sent) => sent);
      await ministry.publish({});
      ministry.withdrawList();
      await turnedAway(alice, 'entry.list-expired', (sent) => sent);
      await ministry.publish({});
    });
  });

  describe('whoever is in', () => {
    it('is out at once when revoked, and the others hear of it and of the list', async () => {
      const [one, other] = [await enter(alice), await enter(bob)];
      const { current } = await ministry.publish({ persons: [bob.person] });
      assert.deepEqual(await other.client.closed, { status: 4412, reason: 'entry.over' });
      assert.equal((await one.client.event('participant-left')).why, 'removed');
      assert.equal((await one.client.event('list-published')).number, current.list.number);
      const rules = server.record.entries
        .filter((entry) => entry.kind === 'decision')
        .map(({ asked, rule }) => `${asked} ${rule}`);
      assert.ok(rules.includes('stay entry.revoked'));
      await ministry.publish({});
    });

    it('is out when the list expires, and not before', async () => {
      await server.close();
      // Clients that say nothing for days would be cut for that.
      const patient = { heartbeatMs: 30 * DAY_MS, silentMs: 90 * DAY_MS };
      const store = new FakeStore(disk);
      server = await startHarness({ trust: ministry.trust(), store }, patient);
      await server.signaling.reopenMeetings();
      const { client } = await enter(alice);
      const until = ministry.trust().list()?.current.list.untilUnixMs ?? 0;
      server.clock.advance(until - server.clock.unixMs() - 1);
      assert.equal(await client.refusal('request-key-frame', { consumer: 'none' }), 'media.unknown');
      server.clock.advance(2);
      assert.equal((await client.closed).reason, 'entry.over');
      assert.equal(lastRule(), 'participant-left');
    });

    it('resumes by the key of the device alone', async () => {
      const { client, session, secret } = await enter(alice);
      const resume = { session, secret, received: client.lastSeq };
      const possession = { nonce: secret, connection: session, meeting, purpose: 'resume' } as const;
      const attempt = async (proof?: Envelope) => {
        const next = await RawClient.open(server.url);
        next.send({
          id: 900,
          kind: 'hello',
          version: 1,
          resume: proof === undefined ? resume : { ...resume, proof },
        });
        return next;
      };
      await client.vanish();
      for (const proof of [
        undefined,
        await prove(bob, possession),
        await prove(alice, { ...possession, purpose: 'enter' }),
      ])
        assert.equal((await (await attempt(proof)).closed).reason, 'resume.refused');
      const back = await attempt(await prove(alice, possession));
      assert.equal((await back.reply(900)).ok, true);
      back.ack(back.lastSeq);
      await back.request('request-key-frame', { consumer: 'none' });
      assert.equal((await (await attempt(await prove(alice, possession))).closed).reason, 'resume.refused');
    });

    it('is there once when two connections resume at the same time', async () => {
      const { client, session, secret } = await enter(alice);
      const possession = { nonce: secret, connection: session, meeting, purpose: 'resume' } as const;
      const resume = { session, secret, received: client.lastSeq, proof: await prove(alice, possession) };
      await client.vanish();
      const both = [await RawClient.open(server.url), await RawClient.open(server.url)];
      for (const one of both) one.send({ id: 900, kind: 'hello', version: 1, resume });
      const loser = await Promise.race(both.map(async (one) => ({ one, why: (await one.closed).reason })));
      assert.ok(['connection.superseded', 'resume.refused'].includes(loser.why));
      const [winner] = both.filter((one) => one !== loser.one);
      assert.equal((await winner?.reply(900))?.ok, true);
      assert.ok(await winner?.request('request-key-frame', { consumer: 'none' }), 'it lives on');
    });
  });

  it('opens meetings again by a later list where there was none at the start', async () => {
    await server.close();
    const list = ministry.trust().list();
    ministry.withdrawList();
    await start();
    await server.signaling.reopenMeetings();
    assert.ok(server.log.some(({ event }) => event === 'meeting.not-reopened'));
    assert.ok(list !== undefined);
    await ministry.publish({});
    await server.logged('meeting.reopened');
    await enter(alice);
  });

  it('lets everybody in again after the media was lost, and never after the end', async () => {
    const { client } = await enter(alice);
    server.signaling.mediaLost(meeting);
    assert.equal((await client.event('meeting-ended')).why, 'media-lost');
    await client.closed;
    await enter(alice);
    server.signaling.endMeeting(meeting);
    const late = await prepare(alice);
    await refused(late.client, send(late.client, late.entry), 'entry false entry.no-charter');
  });

  it('keeps a charter that found no room: it opens its meeting when there is some', async () => {
    await server.close();
    const store = new FakeStore(disk);
    server = await startHarness({ trust: ministry.trust(), store }, { maxMeetings: 1 });
    await server.signaling.reopenMeetings();
    const charter = ministry.charter(bob, { meeting: newMeetingId() });
    const vouched = await ministry.sign(bob, charter);
    const ask = () => askAgain(bob, charter, vouched);
    const { client, id } = await ask();
    await refused(client, id, 'convening false meeting.too-many');
    const said = server.record.entries.filter((one) => one.kind === 'decision' && one.allowed);
    assert.deepEqual(said, [], 'the record does not say yes and no to one convening');
    server.signaling.endMeeting(meeting);
    const again = await ask();
    assert.equal((await again.client.reply(again.id)).ok, true);
  });

  it('ends a meeting that nobody can enter any more, for good', async () => {
    server.signaling.sweep();
    assert.equal(server.signaling.stats().meetings, 1);
    server.clock.advance(31 * DAY_MS);
    server.signaling.sweep();
    assert.equal(server.signaling.stats().meetings, 0);
    assert.deepEqual(new FakeStore(disk).openMeetings(), []);
  });

  it('opens the same meetings again after a restart, but for those whose convener was revoked meanwhile', async () => {
    const other = newMeetingId();
    await convene(bob, { meeting: other });
    await server.close();
    await ministry.publish({ persons: [bob.person] });
    await start();
    await server.signaling.reopenMeetings();
    await enter(alice);
    meeting = other;
    const { client, entry } = await prepare(alice);
    await refused(client, send(client, entry), 'entry false entry.no-charter');
    await ministry.publish({});
  });
});
