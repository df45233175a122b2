/** Names and titles: sealed for the members of a meeting's group, by whoever signs for them. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CARD_KIND, openText, sealText } from '../../src/e2ee/hall/sealing.ts';
import type { HallKey } from '../../src/e2ee/mls/port.ts';
import type { WireCard, WireGroupHeard } from '../../src/signaling/protocol/group-schemas.ts';
import { CARD } from '../../src/trust/hall/card.ts';
import { signStatement } from '../../src/trust/signing/statement.ts';
import { BOB, MEETING, OTHER_MEETING } from '../support/certified-world.ts';
import { type FakeClient, idOf, secureRandom } from '../support/fake-meeting.ts';
import { KeyedWorld, speak } from '../support/keyed-world.ts';
import { ALICE, codeOf } from '../support/people.ts';

const TIMEOUT = { timeout: 120_000 };

const nameOf = (to: FakeClient, from: FakeClient): string | undefined =>
  to.meeting.state.participants.get(idOf(from))?.name;
const titleOf = ({ meeting }: FakeClient): string | undefined => meeting.state.title;

describe('the names of a meeting with a charter', TIMEOUT, () => {
  let world: KeyedWorld;

  beforeEach(async () => {
    world = await KeyedWorld.open();
  });
  afterEach(() => world.close());

  const cardsOf = (from: FakeClient): WireCard[] =>
    world.group.said.flatMap(({ from: by, said }) => {
      if (by !== idOf(from) || said.kind !== 'card') return [];
      const { kind: _, ...card } = said;
      return [{ participant: by, ...card }];
    });
  const named = (to: FakeClient, from: FakeClient, name: string) =>
    world.flow(`${name} is shown`, () => nameOf(to, from) === name);
  /** Whatever the relay makes of it, as it is said to one client. */
  const tell = (to: FakeClient, heard: WireGroupHeard) => world.group.tell(idOf(to), heard);

  const enterTwo = async () => {
    const ada = await world.enter('Ada Lovelace', world.devices.alice);
    const ben = await world.enter('Ben Nevis', world.devices.bob);
    for (const client of [ada, ben]) await speak(client);
    await world.together(ada, ben);
    return { ada, ben };
  };

  it('are seen by those who are there and by those who come, and by nobody on the way', async () => {
    const { ada, ben } = await enterTwo();
    await named(ada, ben, 'Ben Nevis');
    await named(ben, ada, 'Ada Lovelace');
    const cora = await world.enter('Cora', world.devices.carol);
    await named(cora, ada, 'Ada Lovelace');
    await named(cora, ben, 'Ben Nevis');
    await named(ada, cora, 'Cora');
    const everything = JSON.stringify(world.server.texts);
    for (const name of ['Ada Lovelace', 'Ben Nevis']) {
      assert.equal(everything.includes(name), false);
      assert.equal(everything.includes(Buffer.from(name).toString('base64url').slice(0, -1)), false);
    }
  });

  it('are those of certificates until a card has come', async () => {
    world.group.tamper = (_, heard) => (heard.kind === 'cards' ? [] : [heard]);
    const { ada, ben } = await enterTwo();
    assert.equal(nameOf(ada, ben), BOB.person);
    assert.equal(nameOf(ben, ada), ALICE.person);
  });

  it('stay the old ones where another participant’s card is put in the place of one', async () => {
    const { ada, ben } = await enterTwo();
    await named(ada, ben, 'Ben Nevis');
    const cora = await world.enter('Cora', world.devices.carol);
    await named(ada, cora, 'Cora');
    const [coras] = cardsOf(cora);
    assert.ok(coras !== undefined);
    tell(ada, { kind: 'cards', cards: [{ ...coras, participant: idOf(ben) }] });
    await world.pass(200);
    assert.equal(nameOf(ada, ben), 'Ben Nevis');
  });

  it('are said anew by who enters anew, and by nobody else because somebody comes', async () => {
    const { ada, ben } = await enterTwo();
    const before = cardsOf(ben).length;
    const cora = await world.enter('Cora', world.devices.carol);
    await named(cora, ben, 'Ben Nevis');
    assert.equal(cardsOf(ben).length, before);
    world.group.forget();
    await world.flow('Ben said it in the new group', () => cardsOf(ben).length > before);
    await world.together(ada, ben, cora);
    assert.equal(nameOf(ada, ben), 'Ben Nevis');
  });

  it('a title is said by who leads, and seen by all, later ones too', async () => {
    const { ada, ben } = await enterTwo();
    assert.equal(titleOf(ada), undefined);
    assert.equal(codeOf(await ada.meeting.entitle('Mutiny')), 'title.not-a-leader');
    assert.equal(codeOf(await ben.meeting.entitle('a\nb')), 'title.impossible');
    const said = ben.meeting.entitle('Winter plans');
    await world.flow('the title is shown', () => titleOf(ada) === 'Winter plans');
    assert.equal(codeOf(await said), 'ok');
    const again = ben.meeting.entitle('Spring plans');
    await world.flow('the next title is shown', () => titleOf(ada) === 'Spring plans');
    assert.equal(codeOf(await again), 'ok');
    assert.equal(titleOf(ben), 'Spring plans');
    const cora = await world.enter('Cora', world.devices.carol);
    await world.flow('she reads it', () => titleOf(cora) === 'Spring plans');
    assert.equal(JSON.stringify(world.server.texts).includes('Winter'), false);
  });

  it('an older title, told again, changes nothing', async () => {
    const { ada, ben } = await enterTwo();
    const titles = () => world.group.said.flatMap(({ said }) => (said.kind === 'title' ? [said] : []));
    for (const title of ['First', 'Second']) {
      void ben.meeting.entitle(title);
      await world.flow(`${title} is shown`, () => titleOf(ada) === title);
    }
    const [first] = titles();
    assert.ok(first !== undefined);
    tell(ada, first);
    await world.pass(200);
    assert.equal(titleOf(ada), 'Second');
  });

  it('a title is said anew under the key that who was removed has not', async () => {
    const { ada, ben } = await enterTwo();
    const cora = await world.enter('Cora', world.devices.carol);
    void ben.meeting.entitle('Winter plans');
    await world.flow('all read it', () => [ada, cora].every((one) => titleOf(one) === 'Winter plans'));
    const count = () => world.group.said.filter(({ said }) => said.kind === 'title').length;
    const before = count();
    await cora.meeting.leave();
    await world.flow('it is said anew', () => count() === before + 1);
    assert.equal(titleOf(ada), 'Winter plans');
  });

  it('a title under a key whose commit is late is shown once that has come', async () => {
    const { ada, ben } = await enterTwo();
    const cora = await world.enter('Cora', world.devices.carol);
    await world.together(ada, ben, cora);
    const late: WireGroupHeard[] = [];
    // Nor does she hear that she is asked to commit, which Ben is then.
    const isLate = ({ kind }: WireGroupHeard) => ['commit', 'caught-up', 'ask-commit'].includes(kind);
    world.group.tamper = (to, heard) => {
      if (to !== idOf(ada) || !isLate(heard)) return [heard];
      late.push(heard);
      return [];
    };
    await cora.meeting.leave();
    await world.flow('Ben is where Cora is not', () => late.some(({ kind }) => kind === 'commit'));
    void ben.meeting.entitle('Winter plans');
    await world.flow('it is said', () => titleOf(ben) === 'Winter plans');
    await world.pass(200);
    assert.equal(titleOf(ada), undefined);
    world.group.tamper = (_, heard) => [heard];
    for (const heard of late.filter(({ kind }) => kind === 'commit')) tell(ada, heard);
    await world.flow('Ada reads it', () => titleOf(ada) === 'Winter plans');
  });

  it('a forged card shows no name: another’s signature, another salt, another meeting, another key', async () => {
    const { ada, ben } = await enterTwo();
    await named(ada, ben, 'Ben Nevis');
    const key = hallKeyOf(world);
    const bens = world.server.announcementOf(idOf(ben));
    const about = [MEETING, bens.salt, bens.number];
    const genuine = { meeting: MEETING, salt: bens.salt, name: 'Forged' };
    const { alice, bob } = world.devices;
    const other = 'A'.repeat(22);
    const forged = [
      await signStatement(CARD, genuine, alice.signing),
      await signStatement(CARD, { ...genuine, salt: other }, bob.signing),
      await signStatement(CARD, { ...genuine, meeting: OTHER_MEETING }, bob.signing),
    ].map((statement) => sealText(JSON.stringify(statement), { kind: CARD_KIND, key, about }, secureRandom));
    const good = JSON.stringify(await signStatement(CARD, genuine, bob.signing));
    const foreign: HallKey = { epoch: key.epoch, key: new Uint8Array(32) };
    forged.push(sealText(good, { kind: CARD_KIND, key: foreign, about }, secureRandom));
    for (const card of forged) {
      tell(ada, { kind: 'cards', cards: [{ participant: idOf(ben), ...card }] });
      await world.pass(200);
      assert.equal(nameOf(ada, ben), 'Ben Nevis');
    }
    // The same, genuine: what was refused was not refused for its form.
    const card = sealText(good, { kind: CARD_KIND, key, about }, secureRandom);
    tell(ada, { kind: 'cards', cards: [{ participant: idOf(ben), ...card }] });
    await named(ada, ben, 'Forged');
  });

  it('no card that is said after a removal opens under a key that the removed member had', async () => {
    const { ada } = await enterTwo();
    const had = world.hallKeys.slice();
    const ben = [...ada.meeting.state.participants.values()][0];
    assert.ok(ben !== undefined);
    world.group.left(ben.participant);
    await world.flow('the group goes on', () => world.group.state.members.size === 1);
    const cora = await world.enter('Cora', world.devices.carol);
    await named(ada, cora, 'Cora');
    const [coras] = cardsOf(cora);
    assert.ok(coras !== undefined && had.length > 0);
    const { salt, number } = world.server.announcementOf(idOf(cora));
    const opens = (key: HallKey) =>
      openText(coras, {
        kind: CARD_KIND,
        key: { ...key, epoch: BigInt(coras.epoch) },
        about: [MEETING, salt, number],
      });
    assert.deepEqual(had.map(opens).filter(Boolean), []);
    assert.equal(world.hallKeys.map(opens).filter(Boolean).length > 0, true);
  });
});

const hallKeyOf = (world: KeyedWorld): HallKey => world.hallKeys.at(-1) ?? assert.fail('no hall key');
