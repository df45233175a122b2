import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Group, MeetingContext } from '../../../src/e2ee/mls/port.ts';
import { keysOf, newKeyPair } from '../../../src/trust/signing/keys.ts';
import { codeOf, granted } from '../../support/people.ts';
import { preSharedGroup } from '../../support/pre-shared-group.ts';

const context: MeetingContext = {
  meeting: 'meeting',
  marking: 'confidential',
  suite: 'x-wing',
  chair: 'chair',
  charterHash: new Uint8Array(),
};
const everybody = () => undefined;

const agreementOf = async (secret = 1) => {
  const { signing, publicKey } = await keysOf(await newKeyPair(false));
  const owner = { suite: 'x-wing', certificates: [new Uint8Array(3)], signing, publicKey } as const;
  return (await preSharedGroup(new Uint8Array(32).fill(secret)).startAgreement(owner)).agreement;
};
const keyOf = async (group: Group) => granted(await group.baseKey(32));
const leavesOf = (group: Group) => group.members().map(({ leaf }) => leaf);

test('members come to the same keys, new ones with each epoch, and a stranger to the secret to others', async () => {
  const [first, second, stranger] = [await agreementOf(), await agreementOf(), await agreementOf(2)];
  const group = granted(await first.create(context));
  const add = [await second.keyPackage(), await stranger.keyPackage()];
  const commit = granted(await group.commit({ add }, everybody));
  assert.equal(group.epoch(), 0n, 'nothing is adopted yet');
  granted(await group.adopt(commit));
  const [welcome = new Uint8Array(), theirs = new Uint8Array()] = commit.welcomes;
  const joined = granted(await second.join(welcome, commit.tree, context, everybody));
  const strange = granted(await stranger.join(theirs, commit.tree, context, everybody));
  const wrong = await stranger.join(welcome, commit.tree, context, everybody);
  assert.equal(codeOf(wrong), 'mls.unknown-key-package');
  assert.deepEqual([leavesOf(joined), joined.ownLeaf(), strange.ownLeaf()], [[0, 1, 2], 1, 2]);
  const before = await keyOf(group);
  assert.deepEqual(await keyOf(joined), before);
  assert.deepEqual(granted(await joined.epochCode()), granted(await group.epochCode()));
  assert.notDeepEqual(await keyOf(strange), before);

  const removal = granted(await group.commit({ remove: [2] }, everybody));
  const staged = granted(await joined.stage(removal.message, everybody));
  assert.equal(granted(await strange.stage(removal.message, everybody)).selfRemoved, true);
  granted(await group.adopt(removal));
  granted(await joined.adopt(staged));
  assert.deepEqual([leavesOf(joined), joined.epoch()], [[0, 1], 2n]);
  assert.deepEqual(await keyOf(joined), await keyOf(group));
  assert.notDeepEqual(await keyOf(group), before);
  assert.equal(codeOf(await joined.stage(removal.message, everybody)), 'mls.old-epoch');
});

test('whoever judges is asked, and a refused change changes nothing', async () => {
  const [first, second] = [await agreementOf(), await agreementOf()];
  const group = granted(await first.create(context));
  const refusal = { code: 'group.stranger', message: 'nobody of this meeting' };
  const add = [await second.keyPackage()];
  assert.equal(codeOf(await group.commit({ add }, () => refusal)), 'group.stranger');
  assert.deepEqual([group.epoch(), leavesOf(group)], [0n, [0]]);
});
