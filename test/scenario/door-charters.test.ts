/** What a charter opens, and how often, over real sockets and on a driven clock. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { DAY_MS } from '../../src/trust/hosts/validity.ts';
import type { Envelope } from '../../src/trust/statement/statement.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';
import { Doorstep } from '../support/doorstep.ts';
import { FakeStore } from '../support/fake-store.ts';
import { forgedCertificate, forgedStatement } from '../support/forged.ts';
import { Ministry, newMeetingId, type Official } from '../support/ministry.ts';

const ministry = await Ministry.open();
const { alice, bob } = await ministry.officials({ alice: 'secret', bob: 'secret' });
const door = new Doorstep(ministry, alice);
beforeEach(() => door.begin());
afterEach(() => door.end());

describe('a charter', () => {
  const turnedAway = async (
    by: Official,
    rule: string,
    change: (sent: { charter: Vouched; proof: Envelope }) => object | Promise<object>,
    charter: Parameters<Ministry['charter']>[1] = {},
  ) => {
    const { client, ...sent } = await door.convening(by, charter);
    const from = door.server.log.length;
    const id = client.ask('convene', { ...sent, ...(await change(sent)) });
    await door.refused(client, id, `convening false ${rule}`, from);
  };

  it('opens its meeting once: again while it is open, and never after its end', async () => {
    const charter = ministry.charter(alice, { meeting: newMeetingId() });
    const vouched = await ministry.sign(alice, charter);
    const ask = () => door.askAgain(alice, charter, vouched);
    for (let time = 0; time < 2; time++) {
      const { client, id } = await ask();
      assert.equal((await client.reply(id)).ok, true);
    }
    assert.equal(door.server.signaling.endMeeting(charter.meeting).ok, true);
    const { client, id, from } = await ask();
    await door.refused(client, id, 'convening false meeting.exists', from);
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
    await turnedAway(bob, 'charter.another', (sent) => sent, { meeting: door.meeting });
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

describe('a relay with charters', () => {
  it('opens meetings again by a later list where there was none at the start', async () => {
    const list = ministry.trust().list();
    ministry.withdrawList();
    await door.restart();
    assert.ok(door.server.log.some(({ event }) => event === 'meeting.not-reopened'));
    assert.ok(list !== undefined);
    await ministry.publish({});
    await door.server.logged('meeting.reopened');
    await door.enter(alice);
  });

  it('lets everybody in again after the media was lost, and never after the end', async () => {
    const { client } = await door.enter(alice);
    door.server.signaling.mediaLost(door.meeting);
    assert.equal((await client.event('meeting-ended')).why, 'media-lost');
    await client.closed;
    await door.enter(alice);
    door.server.signaling.endMeeting(door.meeting);
    const late = await door.prepare(alice);
    await door.refused(late.client, door.send(late.client, late.entry), 'entry false entry.no-charter');
  });

  it('keeps a charter that found no room: it opens its meeting when there is some', async () => {
    await door.restart({ limits: { maxMeetings: 1 } });
    const charter = ministry.charter(bob, { meeting: newMeetingId() });
    const vouched = await ministry.sign(bob, charter);
    const ask = () => door.askAgain(bob, charter, vouched);
    const { client, id } = await ask();
    await door.refused(client, id, 'convening false meeting.too-many');
    const said = door.server.record.entries.filter((one) => one.kind === 'decision' && one.allowed);
    assert.deepEqual(said, [], 'the record does not say yes and no to one convening');
    door.server.signaling.endMeeting(door.meeting);
    const again = await ask();
    assert.equal((await again.client.reply(again.id)).ok, true);
  });

  it('ends a meeting that nobody can enter any more, for good', async () => {
    door.server.signaling.sweep();
    assert.equal(door.server.signaling.stats().meetings, 1);
    door.server.clock.advance(31 * DAY_MS);
    door.server.signaling.sweep();
    assert.equal(door.server.signaling.stats().meetings, 0);
    assert.deepEqual(new FakeStore(door.disk).openMeetings(), []);
  });

  it('opens the same meetings again after a restart, but for those whose convener was revoked meanwhile', async () => {
    const other = newMeetingId();
    await door.convene(bob, { meeting: other });
    await door.end();
    await ministry.publish({ persons: [bob.person] });
    await door.restart();
    await door.enter(alice);
    door.goTo(other);
    const { client, entry } = await door.prepare(alice);
    await door.refused(client, door.send(client, entry), 'entry false entry.no-charter');
    await ministry.publish({});
  });
});
