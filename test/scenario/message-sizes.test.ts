import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { MAX_SERVER_MESSAGE_BYTES } from '../../src/signaling/protocol/limits.ts';
import {
  judgeDeviceCertificate,
  judgeOfficeCertificate,
} from '../../src/trust/signing/people-certificate.ts';
import { cheapenCrypto } from '../support/cheap-crypto.ts';
import { type MemoryClient, MemoryRelay } from '../support/memory-relay.ts';
import { Ministry, type Official } from '../support/ministry.ts';
import { granted, NOW } from '../support/people.ts';

/** A roster of some messages' worth. */
const PEOPLE = 120;

describe('a large meeting of the real relay', () => {
  let ministry: Ministry;
  let restore = (): void => {};
  const people: Official[] = [];

  before(async () => {
    ministry = await Ministry.open();
    const { root } = ministry.people;
    for (let i = 0; i < PEOPLE; i++) {
      const official = await ministry.official(`person-${i}`);
      granted(await judgeDeviceCertificate(official.signer.certificate, root, NOW));
      granted(await judgeOfficeCertificate('clearance', official.clearance.certificate, root, NOW));
      people.push(official);
    }
    restore = cheapenCrypto();
    for (const [i, one] of people.entries())
      people[i] = { ...one, clearance: await ministry.clear(`person-${i}`, {}) };
  });
  after(() => restore());

  const enterAll = async (relay: MemoryRelay): Promise<MemoryClient[]> => {
    const clients: MemoryClient[] = [];
    for (const who of people) {
      const client = await relay.connect(who);
      assert.equal(client.settle(await relay.knock(client)), true);
      clients.push(client);
    }
    return clients;
  };

  const historyOf = async (client: MemoryClient): Promise<string[]> => {
    const texts: string[] = [];
    for (let n = -1; n < texts.length; ) {
      n = texts.length;
      const { body } = await client.ask('history', { after: n });
      texts.push(...((body?.entries ?? []) as string[]));
    }
    return texts;
  };

  it('sends nobody a message above the bound: roster and chain come in parts, and whole', async () => {
    const [chair] = people;
    assert.ok(chair !== undefined);
    const relay = new MemoryRelay(ministry);
    await relay.convene(chair, ministry.charter(chair, { opensByItself: true }));
    const clients = await enterAll(relay);
    for (const { roster } of clients) assert.equal(roster.size, PEOPLE - 1);
    for (const client of clients) {
      const act = await relay.sign(client.who, 1, { kind: 'raise-hand' });
      assert.equal((await client.ask('act', { act })).ok, true);
    }
    const [first] = clients;
    assert.ok(first !== undefined);
    const texts = await historyOf(first);
    assert.equal(texts.length, 2 * PEOPLE);
    assert.ok(texts.join('').length > 2 * MAX_SERVER_MESSAGE_BYTES);
    const largest = Math.max(...clients.map(({ largestBytes }) => largestBytes));
    assert.ok(largest <= MAX_SERVER_MESSAGE_BYTES, `${largest} bytes`);
    assert.ok(largest > MAX_SERVER_MESSAGE_BYTES / 2, 'parts are filled');
    assert.deepEqual(relay.failures, []);
  });
});
