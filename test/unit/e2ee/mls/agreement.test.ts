import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse } from '../../../../src/base/result.ts';
import { nodeMlsCrypto } from '../../../../src/e2ee/mls/crypto/node.ts';
import type { MlsCrypto } from '../../../../src/e2ee/mls/crypto/provider.ts';
import { webMlsCrypto } from '../../../../src/e2ee/mls/crypto/web.ts';
import { MAX_KEY_PACKAGES } from '../../../../src/e2ee/mls/key-packages.ts';
import type { Group } from '../../../../src/e2ee/mls/port.ts';
import type { MlsSuite } from '../../../../src/e2ee/mls/suites.ts';
import { accepted, admit, anybody, codeOf, contextOf, device, epochOf } from '../../../support/mls-device.ts';

const SUITES: readonly MlsSuite[] = ['x-wing', 'x25519', 'p-384'];

const agree = async (groups: readonly Group[]) => {
  const epochs = new Set(await Promise.all(groups.map(epochOf)));
  assert.equal(epochs.size, 1);
};

const created = async (suite: MlsSuite): Promise<Group> =>
  accepted(await (await device('chair', suite)).create(contextOf(suite)));

const names = (members: readonly { certificates: readonly Uint8Array[] }[]) =>
  members.map(({ certificates }) => new TextDecoder().decode(certificates[0]));

for (const suite of SUITES) {
  test(`${suite}: devices on Node's cryptography and on WebCrypto are one group`, async () => {
    const chair = await created(suite);
    const joiners = [
      await device('web', suite, { crypto: webMlsCrypto }),
      await device('node', suite, { crypto: nodeMlsCrypto }),
    ];
    const [web, node] = (await admit(chair, [], joiners)) as [Group, Group];
    await agree([chair, web, node]);
    for (const committer of [web, node, chair, web]) {
      const before = await epochOf(chair);
      const update = accepted(await committer.commit({}, anybody));
      for (const other of [chair, web, node].filter((one) => one !== committer)) {
        accepted(await other.adopt(accepted(await other.stage(update.message, anybody))));
      }
      accepted(await committer.adopt(update));
      await agree([chair, web, node]);
      assert.notEqual(await epochOf(chair), before);
    }
    const late = await admit(web, [chair, node], [await device('late', suite, { crypto: webMlsCrypto })]);
    await agree([chair, web, node, ...late]);
  });
}

test('a commit says who comes and who goes, and is nothing until it is adopted', async () => {
  const chair = await created('x25519');
  const [anna, ben] = (await admit(
    chair,
    [],
    [await device('anna', 'x25519'), await device('ben', 'x25519')],
  )) as [Group, Group];
  const before = await epochOf(anna);
  const change = { add: [await (await device('carl', 'x25519')).keyPackage()], remove: [ben.ownLeaf()] };
  const commit = accepted(await chair.commit(change, anybody));
  const staged = accepted(await anna.stage(commit.message, anybody));
  assert.deepEqual(names(staged.added), ['carl']);
  assert.deepEqual(names(staged.removed), ['ben']);
  assert.deepEqual(names(staged.members), ['chair', 'anna', 'carl']);
  assert.equal(staged.committer, chair.ownLeaf());
  assert.equal(await epochOf(anna), before);
  assert.equal(await epochOf(chair), before);
});

test('a removed member cannot derive the next epoch, and its group has ended', async () => {
  const chair = await created('x25519');
  const [anna, ben] = (await admit(
    chair,
    [],
    [await device('anna', 'x25519'), await device('ben', 'x25519')],
  )) as [Group, Group];
  const commit = accepted(await chair.commit({ remove: [ben.ownLeaf()] }, anybody));
  accepted(await anna.adopt(accepted(await anna.stage(commit.message, anybody))));
  accepted(await chair.adopt(commit));
  await agree([chair, anna]);
  const seen = accepted(await ben.stage(commit.message, anybody));
  assert.equal(seen.selfRemoved, true);
  accepted(await ben.adopt(seen));
  assert.equal(codeOf(await ben.baseKey(32)), 'mls.ended');
  assert.equal(codeOf(await ben.epochCode()), 'mls.ended');
  assert.equal(codeOf(await ben.stage(commit.message, anybody)), 'mls.ended');
  assert.equal(codeOf(await ben.commit({}, anybody)), 'mls.ended');
});

test('a removed member whose leaf another one gets by the same commit sees that it is out, and its group has ended', async () => {
  const chair = await created('x25519');
  const [, ben] = (await admit(
    chair,
    [],
    [await device('anna', 'x25519'), await device('ben', 'x25519')],
  )) as [Group, Group];
  const add = [await (await device('carl', 'x25519')).keyPackage()];
  const leaf = ben.ownLeaf();
  const commit = accepted(await chair.commit({ add, remove: [leaf] }, anybody));
  assert.deepEqual(
    commit.added.map((one) => one.leaf),
    [leaf],
  );
  const seen = accepted(await ben.stage(commit.message, anybody));
  assert.equal(seen.selfRemoved, true);
  accepted(await ben.adopt(seen));
  assert.equal(codeOf(await ben.baseKey(32)), 'mls.ended');
});

test('a key package serves one Welcome', async () => {
  const chair = await created('x25519');
  const joiner = await device('anna', 'x25519');
  const add = [await joiner.keyPackage()];
  const { welcomes, tree } = accepted(await chair.commit({ add }, anybody));
  const [welcome = new Uint8Array()] = welcomes;
  accepted(await joiner.join(welcome, tree, chair.context, anybody));
  assert.equal(codeOf(await joiner.join(welcome, tree, chair.context, anybody)), 'mls.unknown-key-package');
});

test('of many key packages the oldest is forgotten', async () => {
  const chair = await created('x25519');
  const joiner = await device('anna', 'x25519');
  const oldest = await joiner.keyPackage();
  for (let i = 0; i < 4; i++) await joiner.keyPackage();
  const { welcomes, tree } = accepted(await chair.commit({ add: [oldest] }, anybody));
  const result = await joiner.join(welcomes[0] ?? new Uint8Array(), tree, chair.context, anybody);
  assert.equal(codeOf(result), 'mls.unknown-key-package');
});

test('the code of an epoch has 20 digits and 9 words', async () => {
  const { digits, words } = accepted(await (await created('x25519')).epochCode());
  assert.match(digits, /^\d{20}$/);
  assert.equal(words.filter((word) => word !== '').length, 9);
});

/** Node's cryptography, with a hand on every secret that a key is drawn from. */
const watchedCrypto = () => {
  const drawnFrom = new Set<Uint8Array>();
  const openedWith: Uint8Array[] = [];
  const exported: Uint8Array[] = [];
  const extractedFrom: Uint8Array[] = [];
  const crypto: MlsCrypto = async (suite) => {
    const real = await nodeMlsCrypto(suite);
    const expand: typeof real.kdf.expand = (prk, ...rest) => {
      drawnFrom.add(prk);
      return real.kdf.expand(prk, ...rest);
    };
    const importPrivateKey: typeof real.hpke.importPrivateKey = (key) => {
      openedWith.push(key);
      return real.hpke.importPrivateKey(key);
    };
    const extract: typeof real.kdf.extract = (salt, ikm) => {
      extractedFrom.push(salt);
      return real.kdf.extract(salt, ikm);
    };
    const exportPrivateKey: typeof real.hpke.exportPrivateKey = async (key) => {
      const bytes = await real.hpke.exportPrivateKey(key);
      exported.push(bytes);
      return bytes;
    };
    const hpke = { ...real.hpke, importPrivateKey, exportPrivateKey };
    return { ...real, kdf: { ...real.kdf, expand, extract }, hpke };
  };
  return { crypto, drawnFrom, openedWith, exported, extractedFrom };
};
const isWiped = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

test('what an epoch’s base key is drawn from is wiped with the next epoch, and at the end', async () => {
  const { crypto, drawnFrom } = watchedCrypto();
  const chair = accepted(await (await device('chair', 'x25519', { crypto })).create(contextOf('x25519')));
  const exporterOf = async (): Promise<Uint8Array> => {
    drawnFrom.clear();
    accepted(await chair.baseKey(32));
    const [exporter] = drawnFrom;
    assert.ok(exporter !== undefined && !isWiped(exporter));
    return exporter;
  };
  const first = await exporterOf();
  const commit = accepted(await chair.commit({}, anybody));
  assert.ok(!isWiped(first), 'nothing is adopted yet');
  accepted(await chair.adopt(commit));
  assert.ok(isWiped(first));
  const second = await exporterOf();
  chair.end();
  assert.ok(isWiped(second));
  for (const answer of [await chair.baseKey(32), await chair.epochCode(), await chair.commit({}, anybody)])
    assert.equal(codeOf(answer), 'mls.ended');
});

test('what a Welcome opens with is wiped once it served, and at the end', async () => {
  const { crypto, openedWith } = watchedCrypto();
  const chair = accepted(await (await device('chair', 'x25519')).create(contextOf('x25519')));
  const joiner = await device('anna', 'x25519', { crypto });
  const add = [await joiner.keyPackage()];
  const { welcomes, tree } = accepted(await chair.commit({ add }, anybody));
  const welcome = welcomes[0] ?? new Uint8Array();
  accepted(await joiner.join(welcome, tree, chair.context, anybody));
  const [key] = openedWith;
  assert.ok(key !== undefined && isWiped(key));
  const late = await device('ben', 'x25519');
  const lateAdd = accepted(await chair.commit({ add: [await late.keyPackage()] }, anybody));
  late.end();
  const joined = await late.join(
    lateAdd.welcomes[0] ?? new Uint8Array(),
    lateAdd.tree,
    chair.context,
    anybody,
  );
  assert.equal(codeOf(joined), 'mls.unknown-key-package');
});

/** Two private keys for each: what a Welcome opens with, and the leaf's. */
const KEYS_OF_ONE = 2;

test('private halves of key packages are wiped when they make way for others, and at the end', async () => {
  const { crypto, exported } = watchedCrypto();
  const joiner = await device('anna', 'x25519', { crypto });
  for (let i = 0; i <= MAX_KEY_PACKAGES; i++) await joiner.keyPackage();
  assert.equal(exported.length, KEYS_OF_ONE * (MAX_KEY_PACKAGES + 1));
  assert.ok(exported.slice(0, KEYS_OF_ONE).every(isWiped), 'the oldest');
  assert.ok(!exported.slice(KEYS_OF_ONE).some(isWiped));
  joiner.end();
  assert.ok(exported.every(isWiped));
});

test('of a Welcome that the judge refused nothing is left either', async () => {
  const { crypto, exported } = watchedCrypto();
  const chair = await created('x25519');
  const joiner = await device('anna', 'x25519', { crypto });
  const { welcomes, tree } = accepted(await chair.commit({ add: [await joiner.keyPackage()] }, anybody));
  const nobody = () => refuse('test.nobody', 'nobody').refusal;
  assert.equal(
    codeOf(await joiner.join(welcomes[0] ?? new Uint8Array(), tree, chair.context, nobody)),
    'test.nobody',
  );
  assert.equal(exported.length, KEYS_OF_ONE);
  assert.ok(exported.every(isWiped));
});

test('what the next epoch’s secrets come from is wiped with its adoption, whoever made it', async () => {
  const [own, others] = [watchedCrypto(), watchedCrypto()];
  const chair = accepted(await (await device('chair', 'x25519', own)).create(contextOf('x25519')));
  const [anna] = (await admit(chair, [], [await device('anna', 'x25519', others)])) as [Group];
  for (const { extractedFrom } of [own, others]) extractedFrom.splice(0);
  const commit = accepted(await chair.commit({}, anybody));
  const staged = accepted(await anna.stage(commit.message, anybody));
  const secrets = [own, others].map(({ extractedFrom }) => extractedFrom.filter((salt) => !isWiped(salt)));
  for (const living of secrets) assert.ok(living.length > 0, 'nothing is adopted yet');
  accepted(await chair.adopt(commit));
  accepted(await anna.adopt(staged));
  for (const living of secrets) assert.ok(living.every(isWiped));
});
