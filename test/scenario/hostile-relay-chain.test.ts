/** A relay that swaps the chair or the marking: in the charter, by orders of its own making, and by orders of before. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ACT, type Act, type Order } from '../../src/trust/acts/act.ts';
import { type Entry, entryInput } from '../../src/trust/acts/entry.ts';
import { signStatement } from '../../src/trust/signing/statement.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';
import { HostileMeeting, type Victim } from '../support/hostile-meeting.ts';
import { Middle } from '../support/hostile-middle.ts';
import { Ministry, type Official } from '../support/ministry.ts';
import { codeOf } from '../support/people.ts';

const digestOf = (text: string): string => createHash('sha256').update(entryInput(text)).digest('base64url');
const actIn = ({ statement }: Vouched): Act =>
  JSON.parse(Buffer.from(statement.bytes, 'base64url').toString()) as Act;

describe('a relay that would conduct a meeting', { timeout: 120_000 }, () => {
  let world: HostileMeeting;

  beforeEach(async () => {
    world = await HostileMeeting.open();
  });
  afterEach(() => world.close());

  const LOWER = () => ({ scale: world.ministry.scale.scale, level: 'restricted', groups: [] });

  describe('by another charter', () => {
    const refusedWith = async (charter: Vouched): Promise<string> => {
      const middle = new Middle(world.stash);
      middle.onReply = (kind, body) => (kind === 'enter' ? { ...body, charter } : body);
      const { joined, port, keys } = await world.tryToEnter('bob', middle);
      assert.equal(port.calls.includes('produce'), false);
      assert.equal(keys.baseKeys.length, 0, 'nothing was agreed upon');
      return codeOf(joined);
    };

    it('with another chair, signed by who convened it', async () => {
      const charter = await world.otherCharter({ chair: world.officials.carol.person });
      assert.equal(await refusedWith(charter), 'charter.other-digest');
    });
    it('with a lower marking', async () => {
      assert.equal(await refusedWith(await world.otherCharter({ marking: LOWER() })), 'charter.other-digest');
    });
    it('with weaker cryptography', async () => {
      assert.equal(await refusedWith(await world.otherCharter({ suite: 'p-384' })), 'charter.other-digest');
    });
    it('of another authority', async () => {
      const foreign = await Ministry.open();
      const eve = await foreign.official('alice');
      const charter = foreign.charter(eve, { meeting: world.door.link.meeting });
      assert.equal(await refusedWith(await foreign.sign(eve, charter)), 'certificate.other-root');
    });
  });

  describe('by an order', () => {
    /** Two acts of the chair, as the relay passed them on to Ben. */
    const ordered = async () => {
      const [ada, ben] = await world.gather('alice', 'bob', 'carol');
      assert.ok(ada && ben);
      const texts: string[] = [];
      ben.middle.onEvent = (event) => {
        if (event.kind === 'entry') texts.push(event.entry);
        return [event];
      };
      for (const kind of ['lock', 'unlock'] as const)
        assert.equal(codeOf(await ada.meeting.order({ kind })), 'ok');
      await world.flow('he has both', () => texts.length === 2);
      return { ben, entries: texts.map((text) => JSON.parse(text) as Entry), last: texts.at(-1) ?? '' };
    };
    const actOf = ({ what }: Entry): Vouched => (what.kind === 'act' ? what.act : assert.fail());
    /** The next entry, in place, with this act in it: Ben leaves, and nothing became of it. */
    const refusedBy = async (ben: Victim, last: string, act: Vouched): Promise<string> => {
      const { n, atUnixMs } = JSON.parse(last) as Entry;
      const entry = { n: n + 1, previous: digestOf(last), atUnixMs, what: { kind: 'act', act } };
      const { conducted } = ben.meeting.state;
      ben.middle.tell({ kind: 'entry', entry: JSON.stringify(entry) });
      await world.flow('he left', () => ben.meeting.state.phase.kind === 'closed');
      assert.equal(ben.meeting.state.conducted?.chair, conducted?.chair);
      assert.deepEqual(ben.meeting.state.conducted?.marking, conducted?.marking);
      assert.deepEqual(ben.port.sendFrames('microphone', 1), [], 'nothing of him is sent any more');
      const { phase } = ben.meeting.state;
      return (phase.kind === 'closed' && phase.why?.code) || '';
    };
    const forgedBy = async (by: Official, order: Order): Promise<string> => {
      const { ben, entries, last } = await ordered();
      const [, unlock] = entries as [Entry, Entry];
      const before = actIn(actOf(unlock));
      const seen = { n: unlock.n, digest: digestOf(last) as Act['charter'] };
      const act: Act = { ...before, device: by.device, number: before.number + 1, seen, order };
      const statement = await signStatement(ACT, act, by.signer.signing);
      return refusedBy(ben, last, { certificate: by.signer.certificate, statement });
    };
    const eve = async () => (await Ministry.open()).official('alice');
    const handOver = (): Order => ({ kind: 'hand-over-chair', to: world.officials.carol.person });
    const lower = (): Order => ({ kind: 'lower-marking', marking: LOWER() });

    it('of another authority’s chair: to swap the chair', async () => {
      assert.equal(await forgedBy(await eve(), handOver()), 'certificate.other-root');
    });
    it('of another authority’s chair: to lower the marking', async () => {
      assert.equal(await forgedBy(await eve(), lower()), 'certificate.other-root');
    });
    it('of a member who is not the chair: to swap the chair', async () => {
      assert.equal(await forgedBy(world.officials.carol, handOver()), 'act.not-chair');
    });
    it('of a member who is not the chair: to lower the marking', async () => {
      assert.equal(await forgedBy(world.officials.carol, lower()), 'act.not-leader');
    });
    it('with the chair’s certificate and another’s signature', async () => {
      const { ben, entries, last } = await ordered();
      const [lock] = entries as [Entry, Entry];
      const statement = await signStatement(ACT, actIn(actOf(lock)), (await eve()).signer.signing);
      const { certificate } = actOf(lock);
      assert.equal(await refusedBy(ben, last, { certificate, statement }), 'statement.other-signer');
    });
    it('that the chair gave before', async () => {
      const { ben, entries, last } = await ordered();
      const [lock] = entries as [Entry, Entry];
      assert.equal(await refusedBy(ben, last, actOf(lock)), 'act.repeated');
    });
  });
});
