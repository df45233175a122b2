import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import type { ParticipantId } from '../../src/base/ids.ts';
import type { GroupHeard } from '../../src/client/group/service.ts';
import type { Group } from '../../src/e2ee/mls/port.ts';
import { at, groupOf, meeting } from '../support/group-meeting.ts';
import { BEHIND_LIMIT_MS, type GroupWorld, type Person, troubles } from '../support/group-world.ts';
import { accepted, admit, anybody, contextOf } from '../support/mls-device.ts';

const commitHeard = (world: GroupWorld, person: Person, message: Uint8Array): GroupHeard => {
  const { generation, epoch } = world.state;
  return {
    kind: 'commit',
    generation,
    past: { epoch, commit: world.keep(message) },
    by: person.name,
  };
};

const keyOf = async (group: Group): Promise<string> => toHex(accepted(await group.baseKey(32)));

/** Nobody of the world seals, or ever opened, under a key of this group. */
const assertApart = async (world: GroupWorld, group: Group): Promise<void> => {
  const key = await keyOf(group);
  assert.equal(world.log.keys.has(key), false, 'somebody seals under a key that an outsider holds');
  for (const { keys, name } of world.people.values())
    assert.equal(keys.everOpened.includes(key), false, `${name} opens under a key that an outsider holds`);
};

/** In the end everybody is back together, whatever was done to them. */
const recovers = async (world: GroupWorld): Promise<void> => {
  world.tamper = (_, message) => [message];
  world.tamperBlob = (_, bytes) => bytes;
  await world.settle();
};

describe('a service that means harm', () => {
  test('a member whom nobody invited, added by a member who works with the relay', async () => {
    const { world, people } = await meeting(4);
    const traitor = at(people, 0);
    const ghost = await world.outsider();
    const add = [await ghost.keyPackage()];
    const commit = accepted(await groupOf(traitor).commit({ add }, anybody));
    for (const { name } of people.slice(1)) world.tell(name, commitHeard(world, traitor, commit.message));
    await world.run(3_000);
    const joined = await ghost.join(
      commit.welcomes[0] ?? new Uint8Array(),
      commit.tree,
      contextOf('x25519'),
      anybody,
    );
    await assertApart(world, accepted(joined));
    for (const one of people.slice(1)) {
      assert.ok(troubles(one).includes('test.uninvited'), `${one.name} says so`);
      assert.equal(one.keys.heardOf.has('ghost' as ParticipantId), false);
    }
    await recovers(world);
  });

  test('a key package that was swapped for another’s keeps the others’ entry going', async () => {
    const { world, people } = await meeting(3);
    const ghost = await world.outsider();
    const swapped = world.keep(await ghost.keyPackage());
    let isSwapping = true;
    let victim: ParticipantId | undefined;
    world.tamper = (_, message) => {
      if (message.kind !== 'ask-commit' || !isSwapping || victim === undefined) return [message];
      const add = new Map(message.add);
      if (add.has(victim)) add.set(victim, swapped);
      return [{ ...message, add }];
    };
    victim = (await world.enter()).name;
    const good = await world.enter();
    await world.run(5_000);
    assert.ok(good.keys.sealing !== undefined, 'one bad key package keeps nobody else out');
    assert.equal(world.people.get(victim)?.keys.sealing, undefined);
    assert.ok(people.some((one) => troubles(one).includes('group.swapped-key-package')));
    for (const one of people) assert.equal(one.keys.heardOf.has('ghost' as ParticipantId), false);
    isSwapping = false;
    await recovers(world);
  });

  test('a key package of somebody uninvited, under a name of the relay’s', async () => {
    const { world, people } = await meeting(3);
    const ghost = await world.outsider();
    const keyPackage = world.keep(await ghost.keyPackage());
    world.feed({ kind: 'enter', participant: 'ghost' as ParticipantId, keyPackage });
    await world.run(4_000);
    assert.ok(people.some((one) => troubles(one).includes('test.uninvited')));
    assert.ok(
      !groupOf(at(people, 0))
        .members()
        .some((one) => toHex(one.certificates[0] ?? utf8('')) === toHex(utf8('ghost'))),
    );
    world.feed({ kind: 'leave', participant: 'ghost' as ParticipantId });
    await recovers(world);
  });

  test('a commit that is kept back from one member', async () => {
    const { world, people } = await meeting(4);
    const victim = at(people, 2);
    world.tamper = (to, message) => {
      const isBulk = message.kind === 'commit' || message.kind === 'caught-up' || message.kind === 'welcome';
      return to === victim.name && isBulk ? [] : [message];
    };
    const before = groupOf(victim).epoch();
    await world.enter();
    await world.run(12_000);
    assert.equal(groupOf(victim).epoch(), before);
    assert.ok(troubles(victim).includes('group.behind'), troubles(victim).join());
    await recovers(world);
    assert.ok(victim.events.some(({ kind }) => kind === 'repaired'));
  });

  test('a commit that is replayed, and one that is reordered', async () => {
    const { world } = await meeting(3);
    const seen: GroupHeard[] = [];
    world.tamper = (_, message) => {
      if (message.kind === 'commit') seen.push(message);
      return message.kind === 'commit' ? [...seen.slice(-3).reverse(), ...seen.slice(-3)] : [message];
    };
    await world.enter();
    await world.run(8_000);
    assert.ok(seen.length > 0);
    await recovers(world);
  });

  test('two commits of one epoch for two halves', async () => {
    const { world, people } = await meeting(4);
    const [author, other] = [at(people, 0), at(people, 1)];
    const one = accepted(await groupOf(author).commit({}, anybody));
    const two = accepted(await groupOf(other).commit({}, anybody));
    world.tell(at(people, 2).name, commitHeard(world, author, one.message));
    world.tell(at(people, 3).name, commitHeard(world, other, two.message));
    await world.run(BEHIND_LIMIT_MS);
    for (const i of [2, 3]) {
      const person = at(people, i);
      const named = troubles(person).some(
        (code) => code.startsWith('group.') || code.startsWith('delivery.'),
      );
      assert.ok(named, `${person.name}: ${troubles(person).join()}`);
    }
    await recovers(world);
  });

  test('a Welcome into another group', async () => {
    const { world, people } = await meeting(3);
    const victim = at(people, 1);
    const [ghost, accomplice] = [await world.outsider(), await world.outsider('accomplice')];
    const own = accepted(await ghost.create(contextOf('x25519')));
    await admit(own, [], [accomplice]);
    let keyPackage: string | undefined;
    const newcomer = await world.enter();
    world.tamper = (to, message) => {
      if (message.kind === 'ask-commit') keyPackage ??= message.add.get(newcomer.name)?.hash;
      return message.kind === 'welcome' && to === newcomer.name ? [] : [message];
    };
    await world.run(2_000);
    assert.ok(keyPackage !== undefined);
    const commit = accepted(
      await own.commit({ add: [world.blobs.get(keyPackage) ?? new Uint8Array()] }, anybody),
    );
    accepted(await own.adopt(commit));
    const { generation } = world.state;
    const welcome = world.keep(commit.welcomes[0] ?? new Uint8Array());
    world.tamper = (_, message) => [message];
    newcomer.seat.hear({
      kind: 'welcome',
      generation,
      epoch: Number(own.epoch()),
      welcome,
      tree: world.keep(commit.tree),
    });
    await world.run(500);
    assert.ok(troubles(newcomer).includes('test.uninvited'), troubles(newcomer).join());
    await assertApart(world, own);
    victim.seat.hear({ kind: 'welcome', generation: generation + 1, epoch: 1, welcome, tree: welcome });
    await world.run(500);
    assert.ok(troubles(victim).includes('mls.unknown-key-package'), troubles(victim).join());
    await recovers(world);
  });

  test('a Welcome that was kept back, given when its epoch is over, leads nobody back', async () => {
    const { world } = await meeting(3);
    const newcomer = await world.enter();
    let kept: Extract<GroupHeard, { kind: 'welcome' }> | undefined;
    world.tamper = (to, message) => {
      if (to !== newcomer.name || message.kind !== 'welcome' || kept !== undefined) return [message];
      kept = message;
      return [];
    };
    await world.run(12_000);
    await world.settle();
    const { epoch } = world.state;
    assert.ok(kept !== undefined && kept.epoch < epoch, 'it came in by another one meanwhile');
    assert.deepEqual([Number(groupOf(newcomer).epoch()), Number(newcomer.keys.sealing)], [epoch, epoch]);
    newcomer.seat.hear(kept);
    await world.run(300);
    assert.deepEqual([Number(groupOf(newcomer).epoch()), Number(newcomer.keys.sealing)], [epoch, epoch]);
    assert.ok(troubles(newcomer).includes('group.old-welcome'), troubles(newcomer).join());
    await recovers(world);
  });

  test('bytes that are no commit, as an external one is none', async () => {
    const { world, people } = await meeting(3);
    const ghost = await world.outsider();
    const epoch = groupOf(at(people, 0)).epoch();
    // Whatever travels as a public message is refused before it is looked into: external commits have no other form.
    for (const { name } of people)
      world.tell(name, commitHeard(world, at(people, 0), await ghost.keyPackage()));
    await world.run(2_000);
    for (const person of people) {
      assert.equal(groupOf(person).epoch(), epoch);
      assert.ok(
        troubles(person).some((code) => code === 'mls.wrong-kind'),
        troubles(person).join(),
      );
    }
    await recovers(world);
  });

  test('blobs that were altered', async () => {
    const { world, people } = await meeting(3);
    world.tamperBlob = (_, bytes) => bytes.with(0, (bytes[0] ?? 0) ^ 1);
    await world.enter();
    await world.run(3_000);
    assert.ok(people.some((one) => troubles(one).includes('group.blob-altered')));
    await recovers(world);
  });

  test('an accepted commit that nobody made, and messages without end or sense', async () => {
    const { world, people } = await meeting(2);
    const victim = at(people, 1);
    victim.seat.hear({ kind: 'accepted', epoch: 99, commit: 'A'.repeat(43) });
    victim.seat.hear({ kind: 'commit', generation: -1 } as unknown as GroupHeard);
    victim.seat.hear({ kind: 'toString' } as unknown as GroupHeard);
    for (let i = 0; i < 2_000; i++) victim.seat.hear({ kind: 'connected' });
    await world.run(3_000);
    const said = troubles(victim);
    for (const code of ['group.unknown-commit', 'group.malformed', 'group.unknown-message', 'group.overrun'])
      assert.ok(said.includes(code), `${code} in ${said.join()}`);
    await recovers(world);
  });

  test('a rejection that nobody signed', async () => {
    const { world, people } = await meeting(2);
    const [one, other] = [at(people, 0), at(people, 1)];
    one.seat.hear({ kind: 'rejected', epoch: 1, by: other.name, reason: 'false {"meeting":"meeting-1"}' });
    await world.run(100);
    assert.deepEqual(troubles(one).slice(-1), ['group.unsigned-rejection']);
  });
});
