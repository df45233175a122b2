import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PATIENCE_MS } from '../../src/client/group/limits.ts';
import { READY_WITHIN_MS } from '../../src/e2ee/epochs/limits.ts';
import { at, groupOf, meeting } from '../support/group-meeting.ts';
import { type Person, troubles } from '../support/group-world.ts';

const isRepaired = ({ events }: Person): boolean => events.some(({ kind }) => kind === 'repaired');

describe('one seat in a group', () => {
  test('seals under the new epoch at once where somebody left, whoever is ready', async () => {
    const { world, people } = await meeting(4);
    world.tamper = (_, message) => (message.kind === 'ready' ? [] : [message]);
    const before = groupOf(at(people, 0)).epoch();
    world.leave(at(people, 3));
    await world.run(READY_WITHIN_MS - 200);
    for (const { keys } of people.slice(0, 3)) assert.equal(keys.sealing, before + 1n);
  });

  test('waits for the others where somebody came, and for no longer than a second', async () => {
    const { world, people } = await meeting(3);
    world.tamper = (_, message) => (message.kind === 'ready' ? [] : [message]);
    const before = groupOf(at(people, 0)).epoch();
    await world.enter();
    await world.run(READY_WITHIN_MS);
    for (const { keys } of people) assert.equal(keys.sealing, before);
    await world.run(READY_WITHIN_MS);
    for (const { keys } of people) assert.ok((keys.sealing ?? 0n) > before);
  });

  test('finds its own commit among those that it missed', async () => {
    const { world, people } = await meeting(3);
    world.tamper = (_, message) => (message.kind === 'accepted' ? [] : [message]);
    await world.enter();
    await world.settle();
    for (const person of people) assert.deepEqual(troubles(person), []);
  });

  test('says that it took a commit, so that the service need not wait for its time to be over', async () => {
    const { world } = await meeting(4);
    await world.enter();
    let most = 0;
    // Commits that fill the tree follow, and each begins with nobody.
    for (let ms = 0; ms < 800; ms += 50) {
      await world.run(50);
      most = Math.max(most, world.state.accepted?.adoptedBy.size ?? 0);
    }
    assert.ok(most >= 2);
  });

  test('enters anew when most others refused the commit that it took', async () => {
    const { world, people } = await meeting(3);
    const person = at(people, 1);
    person.seat.hear({ kind: 'reopened', epoch: world.state.epoch });
    await world.run(100);
    assert.deepEqual(troubles(person), [], 'nothing of what it took');
    person.seat.hear({ kind: 'reopened', epoch: world.state.epoch - 1 });
    await world.run(3_000);
    assert.deepEqual(troubles(person), ['group.reopened']);
    assert.ok(isRepaired(person));
  });

  test('enters anew when the chair is in another epoch of the same number, and stays there', async () => {
    const { world, people } = await meeting(3);
    const person = at(people, 0);
    const epoch = groupOf(person).epoch();
    person.seat.chairIsIn({ epoch, digest: 'A'.repeat(43) });
    await world.run(PATIENCE_MS - 1_000);
    assert.deepEqual(troubles(person), [], 'it may be a message of before');
    await world.run(5_000);
    assert.deepEqual(troubles(person), ['group.fork']);
    assert.ok(isRepaired(person));
    await world.settle();
  });

  test('has one commit made for all who can seal nothing in the epoch any more, and nobody enters anew', async () => {
    const { world, people } = await meeting(12);
    const before = world.state.epoch;
    for (const { seat } of people) seat.needsEpoch('cut-off');
    await world.run(3_000);
    for (const { keys, name } of people) assert.equal(keys.sealing, BigInt(before + 1), name);
    assert.equal(people.some(isRepaired), false);
  });

  test('comes back with many others who lost the group at one moment, by few commits', async () => {
    const { world, people } = await meeting(16);
    const before = world.state.epoch;
    const made = new Map<string, number>();
    for (const person of people) {
      const group = groupOf(person);
      const commit = group.commit.bind(group);
      group.commit = (...given) => {
        made.set(person.name, (made.get(person.name) ?? 0) + 1);
        return commit(...given);
      };
    }
    const lost = people.slice(3, 13);
    for (const { seat } of lost) seat.hear({ kind: 'reopened', epoch: before - 1 });
    await world.run(3_000);
    for (const person of lost) assert.ok(isRepaired(person), person.name);
    const commits = [...made.values()].reduce((sum, count) => sum + count, 0);
    assert.ok(commits <= 3, `${commits} commits`);
    await world.settle();
  });

  test('asks what it missed as soon as it is connected again', async () => {
    const { world, people } = await meeting(2);
    const person = at(people, 1);
    let answers = 0;
    world.tamper = (to, message) => {
      if (to === person.name && message.kind === 'caught-up') answers += 1;
      return [message];
    };
    for (let i = 0; i < 5; i++) person.seat.hear({ kind: 'connected' });
    await world.run(300);
    assert.ok(answers >= 5, `${answers} answers`);
  });

  test('comes back by the commits that it missed, more of them than it opens epochs at once', async () => {
    const { world, people } = await meeting(3);
    const person = at(people, 1);
    const [groups, before] = [person.groups.length, groupOf(person).epoch()];
    world.disconnect(person);
    while (world.state.epoch < Number(before) + 20) {
      const other = await world.enter();
      await world.run(1_500);
      world.leave(other);
      await world.run(1_200);
    }
    world.connect(person);
    await world.settle();
    assert.deepEqual(troubles(person), []);
    assert.equal(person.groups.length, groups, 'it never entered anew');
    assert.ok(groupOf(person).epoch() >= before + 20n);
  });

  test('has no keys after it left in the middle of a step, either', async () => {
    const { world } = await meeting(2);
    const person = await world.enter();
    person.groups.push = (group) => {
      const baseKey = group.baseKey.bind(group);
      group.baseKey = (size) => {
        person.seat.leave();
        return baseKey(size);
      };
      return 1;
    };
    await world.run(3_000);
    assert.deepEqual(person.keys.everOpened, []);
  });

  test('has no keys after it left, and hears nothing', async () => {
    const { world, people } = await meeting(2);
    const person = at(people, 1);
    world.leave(person);
    assert.equal(person.keys.open.size, 0);
    assert.equal(person.keys.sealing, undefined);
    person.seat.hear({ kind: 'connected' });
    await world.run(2_000);
    assert.equal(person.keys.open.size, 0);
  });
});
