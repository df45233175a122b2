/** Who came in stays by what was shown, over real sockets and on a driven clock. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { DAY_MS } from '../../src/trust/hosts/validity.ts';
import type { Envelope } from '../../src/trust/statement/statement.ts';
import { Doorstep } from '../support/doorstep.ts';
import { Ministry, prove } from '../support/ministry.ts';
import { RawClient } from '../support/raw-client.ts';

const ministry = await Ministry.open();
const { alice, bob } = await ministry.officials({ alice: 'secret', bob: 'secret' });
const door = new Doorstep(ministry, alice);
beforeEach(() => door.begin());
afterEach(() => door.end());

/** What a device proves to go on with a session on another connection. */
const resumptionOf = (session: string, secret: string) =>
  ({ nonce: secret, connection: session, meeting: door.meeting, purpose: 'resume' }) as const;

describe('whoever is in', () => {
  it('is out at once when revoked, and the others hear of it and of the list', async () => {
    const [one, other] = [await door.enter(alice), await door.enter(bob)];
    const { current } = await ministry.publish({ persons: [bob.person] });
    assert.deepEqual(await other.client.closed, { status: 4412, reason: 'entry.over' });
    assert.equal((await one.client.event('participant-left')).why, 'removed');
    assert.equal((await one.client.event('list-published')).number, current.list.number);
    assert.ok(door.rules().includes('stay entry.revoked'));
    await ministry.publish({});
  });

  it('is out when the list expires, and not before', async () => {
    // Clients that say nothing for days would be cut for that.
    const patient = { heartbeatMs: 30 * DAY_MS, silentMs: 90 * DAY_MS };
    await door.restart({ limits: patient });
    const { client } = await door.enter(alice);
    const until = ministry.trust().list()?.current.list.untilUnixMs ?? 0;
    door.server.clock.advance(until - door.server.clock.unixMs() - 1);
    assert.equal(await client.refusal('request-key-frame', { consumer: 'none' }), 'media.unknown');
    door.server.clock.advance(2);
    assert.equal((await client.closed).reason, 'entry.over');
    assert.equal(door.lastRule(), 'participant-left');
  });

  it('resumes by the key of the device alone', async () => {
    const { client, session, secret } = await door.enter(alice);
    const resume = { session, secret, received: client.lastSeq };
    const possession = resumptionOf(session, secret);
    const attempt = async (proof?: Envelope) => {
      const next = await RawClient.open(door.server.url);
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
    const { client, session, secret } = await door.enter(alice);
    const possession = resumptionOf(session, secret);
    const resume = { session, secret, received: client.lastSeq, proof: await prove(alice, possession) };
    await client.vanish();
    const both = [await RawClient.open(door.server.url), await RawClient.open(door.server.url)];
    for (const one of both) one.send({ id: 900, kind: 'hello', version: 1, resume });
    const loser = await Promise.race(both.map(async (one) => ({ one, why: (await one.closed).reason })));
    assert.ok(['connection.superseded', 'resume.refused'].includes(loser.why));
    const [winner] = both.filter((one) => one !== loser.one);
    assert.equal((await winner?.reply(900))?.ok, true);
    assert.ok(await winner?.request('request-key-frame', { consumer: 'none' }), 'it lives on');
  });
});
