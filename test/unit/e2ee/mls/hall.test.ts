import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../../src/base/bytes.ts';
import { MAX_HALL_KEYS } from '../../../../src/e2ee/mls/hall.ts';
import type { Change, Group } from '../../../../src/e2ee/mls/port.ts';
import { accepted, admit, anybody, codeOf, contextOf, device } from '../../../support/mls-device.ts';

const created = async (): Promise<Group> =>
  accepted(await (await device('chair', 'x25519')).create(contextOf('x25519')));

const newcomer = (name: string) => device(name, 'x25519');

/** Each key as `epoch key`. */
const hallOf = async (group: Group): Promise<string[]> =>
  accepted(await group.hallKeys()).map(({ epoch, key }) => `${epoch} ${toHex(key)}`);

const change = async (committer: Group, others: readonly Group[], wanted: Change) => {
  const commit = accepted(await committer.commit(wanted, anybody));
  for (const other of others)
    accepted(await other.adopt(accepted(await other.stage(commit.message, anybody))));
  accepted(await committer.adopt(commit));
  return commit;
};

test('whoever joins is given the hall keys in force, and joining changes none', async () => {
  const chair = await created();
  const first = await hallOf(chair);
  assert.equal(first.length, 1);
  const [anna] = await admit(chair, [], [await newcomer('anna')]);
  assert.ok(anna !== undefined);
  const [ben] = await admit(anna, [chair], [await newcomer('ben')]);
  assert.ok(ben !== undefined);
  for (const group of [chair, anna, ben]) assert.deepEqual(await hallOf(group), first);
});

test('a removal brings a new key, which the removed member has not', async () => {
  const chair = await created();
  const [anna, ben] = await admit(chair, [], [await newcomer('anna'), await newcomer('ben')]);
  assert.ok(anna !== undefined && ben !== undefined);
  const before = await hallOf(ben);
  await change(chair, [anna], { remove: [ben.ownLeaf()] });
  const after = await hallOf(chair);
  assert.equal(after.length, 2);
  assert.deepEqual(after.slice(0, 1), before);
  assert.deepEqual(await hallOf(anna), after);
  assert.ok(!before.includes(after[1] ?? ''));
});

test('a commit that removes and adds hands over the older keys, and the joiner draws the new one itself', async () => {
  const chair = await created();
  const [anna, ben] = await admit(chair, [], [await newcomer('anna'), await newcomer('ben')]);
  assert.ok(anna !== undefined && ben !== undefined);
  const carl = await newcomer('carl');
  const { welcomes, tree } = await change(chair, [anna], {
    add: [await carl.keyPackage()],
    remove: [ben.ownLeaf()],
  });
  const [welcome = new Uint8Array()] = welcomes;
  const joined = accepted(await carl.join(welcome, tree, chair.context, anybody));
  assert.equal((await hallOf(joined)).length, 2);
  assert.deepEqual(await hallOf(joined), await hallOf(chair));
  assert.deepEqual(await hallOf(anna), await hallOf(chair));
});

test('removed and added at once, a device turns the keys over as well', async () => {
  const chair = await created();
  const again = await newcomer('anna');
  const [anna] = await admit(chair, [], [again]);
  assert.ok(anna !== undefined);
  await change(chair, [], { add: [await again.keyPackage()], remove: [anna.ownLeaf()] });
  assert.equal((await hallOf(chair)).length, 2);
});

test('who was removed is given none, and an ended group neither', async () => {
  const chair = await created();
  const [anna] = await admit(chair, [], [await newcomer('anna')]);
  assert.ok(anna !== undefined);
  const commit = accepted(await chair.commit({ remove: [anna.ownLeaf()] }, anybody));
  accepted(await anna.adopt(accepted(await anna.stage(commit.message, anybody))));
  assert.equal(codeOf(await anna.hallKeys()), 'mls.ended');
  chair.end();
  assert.equal(codeOf(await chair.hallKeys()), 'mls.ended');
});

test('what is handed out is a copy, and goes on when the group ends', async () => {
  const chair = await created();
  const [own] = accepted(await chair.hallKeys());
  chair.end();
  assert.ok(own?.key.some((byte) => byte !== 0));
});

test('no more than the newest are kept, by those who were there and by those who join', async () => {
  const chair = await created();
  const again = await newcomer('anna');
  const seen = new Set(await hallOf(chair));
  for (let i = 0; i < MAX_HALL_KEYS; i++) {
    const [anna] = await admit(chair, [], [again]);
    assert.ok(anna !== undefined);
    await change(chair, [], { remove: [anna.ownLeaf()] });
    for (const key of await hallOf(chair)) seen.add(key);
  }
  const kept = await hallOf(chair);
  assert.equal(seen.size, MAX_HALL_KEYS + 1);
  assert.deepEqual(kept, [...seen].slice(1));
  const [late] = await admit(chair, [], [again]);
  assert.ok(late !== undefined);
  assert.deepEqual(await hallOf(late), kept);
});
