/** Who comes in with a certificate, over real sockets and on a driven clock. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { seededRandom } from '../../bench/random.ts';
import type { MeetingId } from '../../src/base/ids.ts';
import { DEFAULT_LIMITS } from '../../src/signaling/limits.ts';
import { DAY_MS } from '../../src/trust/hosts/validity.ts';
import { CLEARANCE } from '../../src/trust/markings/clearance.ts';
import { openOfficeStatement } from '../../src/trust/signing/vouched.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';
import { Doorstep, type Entry } from '../support/doorstep.ts';
import { FakeDisk, FakeStore } from '../support/fake-store.ts';
import { forgedCertificate, forgedStatement } from '../support/forged.ts';
import { announce, Ministry, newMeetingId, prove } from '../support/ministry.ts';
import { mutated } from '../support/mutations.ts';
import { device, granted, NOW, person } from '../support/people.ts';
import type { Received } from '../support/raw-client.ts';
import { startHarness } from '../support/raw-client-harness.ts';

const { entryRefusalMs } = DEFAULT_LIMITS;

const ministry = await Ministry.open();
const { alice, bob } = await ministry.officials({ alice: 'secret', bob: 'secret' });
const door = new Doorstep(ministry, alice);
beforeEach(() => door.begin());
afterEach(() => door.end());

describe('the door', () => {
  it('lets in who shows all of it, and shows everybody the credentials of the others', async () => {
    const first = await door.enter(alice);
    const charter = first.reply.body?.charter as Vouched;
    assert.equal(charter.statement.kind, 'charter');
    const second = await door.enter(bob);
    const roster = second.reply.body?.roster as { credentials: { certificate: string } }[] | undefined;
    const [entry] = roster ?? [];
    assert.equal(entry?.credentials.certificate, alice.signer.certificate);
    const joined = await first.client.event('participant-joined');
    assert.deepEqual(Object.keys(joined.credentials as object), ['certificate', 'clearance', 'presence']);
    assert.deepEqual(door.rules(), ['convening charter', 'entry charter', 'entry charter']);
  });

  /** The same bytes for every reason, but for what counts messages and the reference, under which the record says the reason. */
  const isUniform = (reply: Received, rule: string): void => {
    const { reference } = reply.error ?? {};
    assert.equal(
      JSON.stringify({ ...reply, seq: 0, re: 0, error: { ...reply.error, reference: 'XXXX-XXXX' } }),
      '{"seq":0,"re":0,"ok":false,"error":{"code":"entry.refused","message":"not admitted","reference":"XXXX-XXXX"}}',
    );
    assert.match(String(reference), /^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    const recorded = door.server.record.entries.at(-1);
    assert.equal(recorded?.kind === 'decision' && recorded.rule, rule);
    assert.equal(recorded?.kind === 'decision' && recorded.reference, reference);
  };

  /** One thing wrong each, and the rule that stands in the record. */
  const WRONG: readonly [
    string,
    string,
    (entry: Entry, at: Awaited<ReturnType<Doorstep['prepare']>>) => Promise<Partial<Entry>>,
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
        proof: await prove(alice, {
          nonce,
          connection: 'A'.repeat(22),
          meeting: door.meeting,
          purpose: 'enter',
        }),
      }),
    ],
    [
      'a proof for another purpose',
      'possession.other-purpose',
      async (_, { nonce, session }) => ({
        proof: await prove(alice, { nonce, connection: session, meeting: door.meeting, purpose: 'convene' }),
      }),
    ],
    [
      'a proof of another nonce',
      'possession.other-nonce',
      async (_, { session }) => ({
        proof: await prove(alice, {
          nonce: 'A'.repeat(43),
          connection: session,
          meeting: door.meeting,
          purpose: 'enter',
        }),
      }),
    ],
    [
      'somebody else’s proof',
      'statement.other-signer',
      async (_, { nonce, session }) => ({
        proof: await prove(bob, { nonce, connection: session, meeting: door.meeting, purpose: 'enter' }),
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
      async () => ({ presence: (await announce(bob, door.meeting, 7)).presence }),
    ],
    [
      'the presence of another announcement',
      'presence.other',
      async () => ({ presence: (await announce(alice, door.meeting, 7)).presence }),
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
      const prepared = await door.prepare(alice);
      const entry = { ...prepared.entry, ...(await change(prepared.entry, prepared)) };
      const id = door.send(prepared.client, entry);
      await door.server.logged('entry.refused');
      const reply = await door.answerAt(prepared.client, id);
      isUniform(reply, rule);
    });

  /** What lies with the meeting or the relay, not with what is shown. */
  const AROUND: readonly [string, string, (meeting: MeetingId) => Promise<unknown>][] = [
    [
      'who is not on the roster',
      'entry.not-admitted',
      (meeting) =>
        door.convene(bob, {
          meeting,
          admission: { kind: 'roster', persons: [bob.person] },
        }),
    ],
    [
      'who has not all groups of the meeting',
      'entry.not-cleared',
      (meeting) =>
        door.convene(bob, {
          meeting,
          marking: { scale: ministry.scale.scale, level: 'secret', groups: ['north'] },
        }),
    ],
    ['whoever comes while there is no list', 'entry.no-list', async () => ministry.withdrawList()],
    [
      'whoever comes when the list has expired',
      'entry.list-expired',
      async () => door.server.clock.advance(8 * DAY_MS),
    ],
    [
      'whose certificate has expired',
      'certificate.expired',
      async () => door.server.clock.advance(31 * DAY_MS),
    ],
    ['a revoked device', 'entry.revoked', () => ministry.publish({ devices: [device('alice-1')] })],
    ['a revoked person', 'entry.revoked', () => ministry.publish({ persons: [person('alice')] })],
    [
      'whoever comes when the convener was revoked',
      'entry.convener-revoked',
      async (meeting) => {
        await door.convene(bob, { meeting });
        await ministry.publish({ persons: [bob.person] });
      },
    ],
    [
      'whose clearance was taken back',
      'entry.clearance-not-good',
      async (meeting) => {
        await door.convene(bob, { meeting });
        const judge = { root: ministry.people.root, nowUnixMs: NOW };
        const opened = await openOfficeStatement(CLEARANCE, 'clearance', alice.clearance, judge);
        await ministry.publish({ clearances: [granted(opened).digest] });
      },
    ],
  ];
  for (const [what, rule, arrange] of AROUND)
    it(`turns away ${what}`, async () => {
      // One that nobody has convened yet.
      if (arrange.length > 0) door.goTo(newMeetingId());
      await arrange(door.meeting);
      const { client, entry } = await door.prepare(alice);
      const id = door.send(client, entry);
      await door.server.logged('entry.refused');
      isUniform(await door.answerAt(client, id), rule);
      assert.equal(door.lastRule(), `entry false ${rule}`);
      await ministry.publish({});
    });

  it('turns away whoever comes when the certificate under the charter has ended', async () => {
    door.server.clock.advance(31 * DAY_MS);
    await ministry.publish({}, NOW + 31 * DAY_MS);
    const { client, entry } = await door.prepare(
      await ministry.official('alice', { atUnixMs: NOW + 20 * DAY_MS }),
    );
    await door.refused(client, door.send(client, entry), 'entry false entry.convener-over');
    await ministry.publish({});
  });

  it('takes a nonce once, whatever became of it, and the newest alone', async () => {
    const { client, session, entry } = await door.prepare(alice);
    await door.refused(
      client,
      door.send(client, { ...entry, clearance: bob.clearance }),
      'entry false entry.clearance-not-good',
    );
    const before = door.server.log.length;
    const again = door.send(client, entry);
    await door.server.logged('entry.refused', before);
    door.server.clock.advance(entryRefusalMs);
    assert.equal((await client.reply(again)).error?.code, 'entry.refused');
    assert.equal(door.lastRule(), 'entry false possession.no-challenge');

    const nonce = await door.challenge(client, door.meeting, 'enter');
    await door.challenge(client, door.meeting, 'enter');
    const proof = await prove(alice, { nonce, connection: session, meeting: door.meeting, purpose: 'enter' });
    const from = door.server.log.length;
    const id = door.send(client, { ...entry, proof });
    await door.refused(client, id, 'entry false possession.other-nonce', from);
  });

  it('keeps nonces as used in the store', async () => {
    const { client, entry } = await door.prepare(alice);
    await client.reply(door.send(client, entry));
    assert.ok([...door.disk.oneTimes.values()].some(({ kind }) => kind === 'nonce'));
    const store = new FakeStore(door.disk, { maxOneTimes: 0 });
    await door.restart({ store });
    const next = await door.prepare(bob);
    await door.refused(next.client, door.send(next.client, next.entry), 'entry false store.full');
  });

  it('writes down the nonces of good proofs alone: strangers cannot fill the store', async () => {
    const before = door.disk.oneTimes.size;
    const { client, entry, session, nonce } = await door.prepare(alice);
    const proof = await prove(bob, { nonce, connection: session, meeting: door.meeting, purpose: 'enter' });
    await door.refused(client, door.send(client, { ...entry, proof }), 'entry false statement.other-signer');
    assert.equal(door.disk.oneTimes.size, before);
    const next = await door.prepare(alice);
    const [from, clearance] = [door.server.log.length, bob.clearance];
    const id = door.send(next.client, { ...next.entry, clearance });
    await door.server.logged('entry.refused', from);
    await door.answerAt(next.client, id);
    assert.equal(door.disk.oneTimes.size, before + 1, 'a good proof is used up by whatever refusal');
  });

  it('refuses a nonce that the store knows as used', async () => {
    const { client, entry, nonce } = await door.prepare(alice);
    new FakeStore(door.disk).useOnce({ kind: 'nonce', id: nonce, untilUnixMs: NOW + DAY_MS });
    await door.refused(client, door.send(client, entry), 'entry false once.used');
  });

  it('shows by no other request how long a judgement took', async () => {
    const { client, entry } = await door.prepare(alice);
    const id = door.send(client, { ...entry, clearance: bob.clearance });
    await door.server.logged('entry.refused');
    const ask = () => client.request('challenge', { meeting: door.meeting, purpose: 'enter' });
    assert.equal((await ask()).error?.code, 'order.entering');
    assert.equal((await door.answerAt(client, id)).error?.code, 'entry.refused');
    assert.equal((await ask()).ok, true);
  });

  it('judges by the list of the moment in which somebody comes in', async () => {
    const before = ministry.trust().list();
    const after = await ministry.publish({ persons: [alice.person] });
    await ministry.publish({});
    let current = before;
    let [armed, looks] = [false, 0];
    const list = () => {
      // Once where signatures are checked, and once more when somebody comes in.
      if (armed && ++looks === 2) current = after;
      return current;
    };
    await door.restart({ trust: { ...ministry.trust(), list } });
    const { client, entry } = await door.prepare(alice);
    armed = true;
    await door.refused(client, door.send(client, entry), 'entry false entry.revoked');
  });

  it('watches over nobody who found no place', async () => {
    let looks = 0;
    const list = () => {
      looks++;
      return ministry.trust().list();
    };
    const trust = { ...ministry.trust(), list };
    await door.restart({ trust });
    const inside = await door.enter(alice);
    const { client, entry } = await door.prepare(bob);
    const taken = await announce(bob, door.meeting, door.number - 1);
    assert.equal(
      (await client.reply(door.send(client, { ...entry, ...taken }))).error?.code,
      'join.number-taken',
    );
    looks = 0;
    await ministry.publish({});
    assert.equal(looks, 2, 'once for the number of the list, once for alice');
    assert.equal((await inside.client.request('request-key-frame', { consumer: 'none' })).ok, false);
  });

  it('outlives damaged entries and charters of whatever form', async () => {
    const random = seededRandom(26);
    for (let round = 0; round < 120; round++) {
      const { client, entry } = await door.prepare(alice);
      const { certificate, clearance, proof, ...rest } = entry;
      const charter = await ministry.sign(alice, ministry.charter(alice));
      const honest =
        round % 2 === 0
          ? { id: 50, kind: 'enter', ...rest, passport: { certificate, clearance, proof } }
          : { id: 50, kind: 'convene', charter, proof };
      client.sendText(mutated(honest, random));
      client.send({ id: 51, kind: 'challenge', meeting: door.meeting, purpose: 'enter' });
      await Promise.race([client.closed, client.reply(51)]);
      await client.vanish();
    }
    const failures = door.server.log.filter(
      ({ event }) => event === 'door.failed' || event === 'message.failed',
    );
    assert.deepEqual(failures, []);
    await door.enter(bob);
  });

  it('judges one request of a session at a time', async () => {
    const { client, entry } = await door.prepare(alice);
    const [first, second] = [door.send(client, entry), door.send(client, entry)];
    assert.equal((await client.reply(second)).error?.code, 'order.entering');
    assert.equal((await client.reply(first)).ok, true);
    assert.equal(
      (await client.request('challenge', { meeting: door.meeting, purpose: 'enter' })).error?.code,
      'order.already-joined',
    );
  });

  it('turns away who comes while as many are judged as may be', async () => {
    await door.restart({ limits: { maxJudging: 0 } });
    const { client, entry } = await door.prepare(alice);
    await door.refused(client, door.send(client, entry), 'entry false door.crowded');
  });

  it('lets nobody in who is gone when the judgement comes', async () => {
    const { client, entry } = await door.prepare(alice);
    door.send(client, entry);
    await client.vanish();
    const next = await door.enter(bob);
    assert.deepEqual(next.reply.body?.roster, []);
  });

  it('lets nobody in who cannot be recorded', async () => {
    const { client, entry } = await door.prepare(alice);
    door.server.record.isFull = true;
    const id = door.send(client, entry);
    await door.server.logged('entry.refused');
    assert.equal((await door.answerAt(client, id)).error?.code, 'entry.refused');
  });

  it('has no list of revocations to give where none was found good', async () => {
    const trust = { ...ministry.trust(), list: () => undefined };
    const bare = await startHarness({ trust, store: new FakeStore(new FakeDisk()) });
    assert.equal((await fetch(`http://127.0.0.1:${bare.port}/v1/revocation`)).status, 404);
    await bare.close();
  });

  it('gives the list of revocations to whoever asks', async () => {
    const response = await fetch(`http://127.0.0.1:${door.server.port}/v1/revocation`);
    assert.deepEqual(await response.json(), ministry.trust().list()?.vouched);
    assert.equal(response.headers.get('cache-control'), 'no-store');
  });
});
