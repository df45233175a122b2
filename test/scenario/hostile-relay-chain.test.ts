/** A relay that swaps the chair or the marking: in the charter, by orders of its own making or of before, by keeping orders back. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { LOOK_EVERY_MS } from '../../src/client/group/limits.ts';
import type { ServerEvent } from '../../src/signaling/protocol/messages.ts';
import { ACT, type Act, type Order } from '../../src/trust/acts/act.ts';
import { type Entry, entryInput } from '../../src/trust/acts/entry.ts';
import {
  BEAT_EVERY_MS,
  CUT_OFF_AFTER_MS,
  HEARTBEAT,
  SEALS_UNHEARD_MS,
} from '../../src/trust/heartbeat/heartbeat.ts';
import { peekStatement, signStatement } from '../../src/trust/signing/statement.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';
import { HostileMeeting, type Victim } from '../support/hostile-meeting.ts';
import { Middle } from '../support/hostile-middle.ts';
import { Ministry, type Official } from '../support/ministry.ts';
import { codeOf, granted } from '../support/people.ts';

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

  describe('by what it tells one member', () => {
    const three = async () => {
      const [ada, ben, cora] = await world.gather('alice', 'bob', 'carol');
      assert.ok(ada && ben && cora);
      return { ada, ben, cora };
    };
    const SECRET = () => ({ scale: world.ministry.scale.scale, level: 'secret', groups: [] });
    const warned = ({ meeting: { state } }: Victim) => [state.mayBeCutOff, state.isUntold];
    const levelOf = ({ meeting }: Victim) => meeting.state.conducted?.marking.level;
    const seals = ({ port }: Victim) => port.sendFrames('microphone', 3).length;

    /** Told in ten seconds, silent after a minute; the others notice nothing. */
    const isStopped = async (victim: Victim, others: readonly Victim[]): Promise<void> => {
      await world.pass(CUT_OFF_AFTER_MS + LOOK_EVERY_MS);
      assert.deepEqual(warned(victim), [true, true]);
      assert.equal(seals(victim), 3, 'not yet');
      await world.pass(SEALS_UNHEARD_MS - CUT_OFF_AFTER_MS);
      assert.equal(seals(victim), 0);
      await world.flow('it is named', () => victim.problems.includes('group.untold'));
      for (const other of others) {
        assert.deepEqual([...warned(other), seals(other)], [false, false, 3]);
        assert.deepEqual(other.problems, []);
      }
    };

    it('who is not told of a raise: she seals nothing after a minute, until she is told', async () => {
      const { ada, ben, cora } = await three();
      const kept: ServerEvent[] = [];
      cora.middle.onEvent = (event) => {
        if (event.kind !== 'entry') return [event];
        kept.push(event);
        return [];
      };
      const before = levelOf(cora);
      assert.equal(codeOf(await ada.meeting.order({ kind: 'raise-marking', marking: SECRET() })), 'ok');
      await isStopped(cora, [ada, ben]);
      assert.deepEqual([levelOf(ben), levelOf(cora)], ['secret', before]);
      for (const event of kept) cora.middle.tell(event);
      await world.flow('she seals again', () => seals(cora) === 3);
      assert.deepEqual([levelOf(cora), ...warned(cora)], ['secret', false, false]);
    });

    it('who is told another story than the others: she seals nothing after a minute', async () => {
      const { ada, ben, cora } = await three();
      cora.middle.onEvent = (event) => {
        if (event.kind !== 'entry') return [event];
        const { n, previous, atUnixMs } = JSON.parse(event.entry) as Entry;
        const fact = { kind: 'arrived', person: world.officials.dan.person };
        return [
          { kind: 'entry', entry: JSON.stringify({ n, previous, atUnixMs, what: { kind: 'fact', fact } }) },
        ];
      };
      assert.equal(codeOf(await ada.meeting.order({ kind: 'lock' })), 'ok');
      await isStopped(cora, [ada, ben]);
      const headOf = ({ meeting }: Victim) => meeting.state.conducted?.heads.at(-1);
      assert.equal(headOf(cora)?.n, headOf(ada)?.n);
      assert.notEqual(headOf(cora)?.digest, headOf(ada)?.digest);
    });

    it('who is told everything, of many orders in a row: no beat comes before the entry that it names', async () => {
      const { ada, ben, cora } = await three();
      const alarms: boolean[] = [];
      const watch = ({ meeting }: Victim) => meeting.onChange(({ mayBeCutOff }) => alarms.push(mayBeCutOff));
      for (const one of [ada, ben, cora]) watch(one);
      let newest = cora.meeting.state.conducted?.heads.at(-1)?.n ?? assert.fail();
      const ahead: number[] = [];
      cora.middle.onEvent = (event) => {
        if (event.kind === 'entry') newest = (JSON.parse(event.entry) as Entry).n;
        if (event.kind === 'group' && event.heard.kind === 'heartbeat')
          ahead.push(granted(peekStatement(HEARTBEAT, event.heard.statement)).head.n - newest);
        return [event];
      };
      const orders: Promise<unknown>[] = [];
      const burst = async () => {
        for (let ms = 0; ms < CUT_OFF_AFTER_MS + BEAT_EVERY_MS; ms += 500) {
          orders.push(ada.meeting.order({ kind: ms % 1_000 === 0 ? 'lock' : 'unlock' }));
          await world.pass(500);
        }
      };
      await burst();
      assert.ok(ahead.length > 2 * (CUT_OFF_AFTER_MS / BEAT_EVERY_MS));
      assert.deepEqual(
        ahead.filter((by) => by > 0),
        [],
      );
      assert.ok((await Promise.all(orders)).every((done) => codeOf(done as never) === 'ok'));
      const dan = await world.enter('dan');
      watch(dan);
      await burst();
      assert.equal(alarms.includes(true), false);
      for (const { problems } of [ada, ben, cora, dan]) assert.deepEqual(problems, []);
    });
  });
});
