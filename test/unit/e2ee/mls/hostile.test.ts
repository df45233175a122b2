import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeMlsMessage } from 'ts-mls';
import { encode } from 'ts-mls/codec/tlsEncoder.js';
import { decodeRatchetTree, ratchetTreeEncoder } from 'ts-mls/ratchetTree.js';
import { seededRandom } from '../../../../bench/random.ts';
import { type Bytes, concatBytes, equalBytes, utf8 } from '../../../../src/base/bytes.ts';
import { refuse } from '../../../../src/base/result.ts';
import { nodeMlsCrypto } from '../../../../src/e2ee/mls/crypto/node.ts';
import type { Group, GroupKeyAgreement, Judge, MeetingContext } from '../../../../src/e2ee/mls/port.ts';
import { accepted, admit, anybody, codeOf, contextOf, device, epochOf } from '../../../support/mls-device.ts';

const CONTEXT = contextOf('x25519');
const NOTHING = new Uint8Array();
/** RFC 9420 section 8, table 4, without those that go as soon as they are used. */
const SECRETS_OF_AN_EPOCH = 8;

interface Meeting {
  readonly chair: Group;
  readonly anna: Group;
  readonly ben: Group;
}

const meeting = async (): Promise<Meeting> => {
  const chair = accepted(await (await device('chair', 'x25519')).create(CONTEXT));
  const joiners = [await device('anna', 'x25519'), await device('ben', 'x25519')];
  const [anna, ben] = await admit(chair, [], joiners);
  assert.ok(anna !== undefined && ben !== undefined);
  return { chair, anna, ben };
};

const commitBy = async (group: Group) => accepted(await group.commit({}, anybody));

/** The refusal's code, after which the group is in the epoch that it was in. */
const refusedBy = async (group: Group, message: Bytes, judge: Judge = anybody): Promise<string> => {
  const before = await epochOf(group);
  const code = codeOf(await group.stage(message, judge));
  assert.equal(await epochOf(group), before);
  return code;
};

const knownOnly: Judge = (members) => {
  const stranger = members.find(({ certificates }) =>
    new TextDecoder().decode(certificates[0]).startsWith('other authority'),
  );
  return stranger && refuse('test.stranger', `leaf ${stranger.leaf}`).refusal;
};

test('a member whom the judge does not accept is not added, whoever adds', async () => {
  const { chair, anna } = await meeting();
  const stranger = await (await device('other authority: eve', 'x25519')).keyPackage();
  assert.equal(codeOf(await chair.commit({ add: [stranger] }, knownOnly)), 'test.stranger');
  const commit = accepted(await chair.commit({ add: [stranger] }, anybody));
  assert.equal(await refusedBy(anna, commit.message, knownOnly), 'test.stranger');
  // The next, honest one goes on from where everybody is.
  accepted(await anna.stage((await commitBy(chair)).message, knownOnly));
});

test('a joiner judges everybody who is there', async () => {
  const chair = accepted(await (await device('other authority: chair', 'x25519')).create(CONTEXT));
  const joiner = await device('anna', 'x25519');
  const { welcomes, tree } = accepted(await chair.commit({ add: [await joiner.keyPackage()] }, anybody));
  assert.equal(codeOf(await joiner.join(welcomes[0] ?? NOTHING, tree, CONTEXT, knownOnly)), 'test.stranger');
});

const OTHER_CONTEXTS: Readonly<Record<string, Partial<MeetingContext>>> = {
  meeting: { meeting: 'meeting-2' },
  marking: { marking: 'public' },
  chair: { chair: 'somebody' },
  charter: { charterHash: utf8('another hash') },
};
for (const [what, change] of Object.entries(OTHER_CONTEXTS)) {
  test(`a Welcome to a group of another ${what} is refused`, async () => {
    const chair = accepted(await (await device('chair', 'x25519')).create({ ...CONTEXT, ...change }));
    const joiner = await device('anna', 'x25519');
    const { welcomes, tree } = accepted(await chair.commit({ add: [await joiner.keyPackage()] }, anybody));
    assert.equal(codeOf(await joiner.join(welcomes[0] ?? NOTHING, tree, CONTEXT, anybody)), 'mls.context');
  });
}

test('another suite than the charter has is refused, on either side', async () => {
  const { chair } = await meeting();
  const other = await device('anna', 'p-384');
  assert.equal(codeOf(await chair.commit({ add: [await other.keyPackage()] }, anybody)), 'mls.suite');
  assert.equal(codeOf(await other.create(CONTEXT)), 'mls.suite');
  assert.equal(codeOf(await other.join(NOTHING, NOTHING, CONTEXT, anybody)), 'mls.suite');
});

test('a key package outside its lifetime is refused', async () => {
  const { chair } = await meeting();
  const dayMs = 24 * 3600 * 1000;
  for (const offsetMs of [-2 * dayMs, 2 * dayMs]) {
    const clock = { unixMs: () => Date.now() + offsetMs };
    const late = await (await device('anna', 'x25519', { clock })).keyPackage();
    assert.equal(codeOf(await chair.commit({ add: [late] }, anybody)), 'mls.lifetime');
  }
});

test('a member who never renewed keeps nobody from going on a day later, nor from removing it', async () => {
  let unixMs = Date.now();
  const clock = { unixMs: () => unixMs };
  const dated = (name: string) => device(name, 'x25519', { clock });
  const chair = accepted(await (await dated('chair')).create(CONTEXT));
  const [anna, ben] = await admit(chair, [], [await dated('anna'), await dated('ben')]);
  assert.ok(anna !== undefined && ben !== undefined);
  unixMs += 25 * 3_600_000;
  const renewal = accepted(await anna.commit({}, anybody));
  accepted(await chair.adopt(accepted(await chair.stage(renewal.message, anybody))));
  accepted(await anna.adopt(renewal));
  const removal = accepted(await anna.commit({ remove: [ben.ownLeaf()] }, anybody));
  accepted(await chair.stage(removal.message, anybody));
});

test('who is removed keeps no secret of the epoch that it was in', async () => {
  const drawn: Bytes[] = [];
  const watched: typeof nodeMlsCrypto = async (suite) => {
    const crypto = await nodeMlsCrypto(suite);
    const expand: typeof crypto.kdf.expand = async (...given) => {
      const secret = await crypto.kdf.expand(...given);
      drawn.push(secret);
      return secret;
    };
    return { ...crypto, kdf: { ...crypto.kdf, expand } };
  };
  const chair = accepted(await (await device('chair', 'x25519')).create(CONTEXT));
  const [ben] = await admit(chair, [], [await device('ben', 'x25519', { crypto: watched })]);
  assert.ok(ben !== undefined);
  const removal = accepted(await chair.commit({ remove: [ben.ownLeaf()] }, anybody));
  const staged = accepted(await ben.stage(removal.message, anybody));
  const isGone = (secret: Bytes) => secret.every((byte) => byte === 0);
  const before = drawn.filter(isGone).length;
  accepted(await ben.adopt(staged));
  assert.ok(drawn.filter(isGone).length - before >= SECRETS_OF_AN_EPOCH);
});

test('a commit is taken once: a replay and the second commit of an epoch are refused', async () => {
  const { chair, anna, ben } = await meeting();
  const [first, second] = [await commitBy(chair), await commitBy(ben)];
  const stagedSecond = accepted(await anna.stage(second.message, anybody));
  accepted(await anna.adopt(accepted(await anna.stage(first.message, anybody))));
  assert.equal(codeOf(await anna.adopt(stagedSecond)), 'mls.stale');
  assert.equal(await refusedBy(anna, first.message), 'mls.old-epoch');
  assert.equal(await refusedBy(anna, second.message), 'mls.old-epoch');
  accepted(await chair.adopt(first));
  assert.equal(codeOf(await chair.adopt(first)), 'mls.stale');
});

test('a loser takes the winner and tries again', async () => {
  const { chair, anna, ben } = await meeting();
  const [first, second] = [await commitBy(chair), await commitBy(ben)];
  accepted(await ben.adopt(accepted(await ben.stage(first.message, anybody))));
  assert.equal(codeOf(await ben.adopt(second)), 'mls.stale');
  accepted(await chair.adopt(first));
  accepted(await anna.adopt(accepted(await anna.stage(first.message, anybody))));
  const again = await commitBy(ben);
  accepted(await chair.adopt(accepted(await chair.stage(again.message, anybody))));
  accepted(await ben.adopt(again));
  assert.equal(await epochOf(chair), await epochOf(ben));
});

test('a withheld commit shows as a missed epoch', async () => {
  const { chair, anna } = await meeting();
  accepted(await chair.adopt(await commitBy(chair)));
  assert.equal(await refusedBy(anna, (await commitBy(chair)).message), 'mls.missed-epoch');
});

test('a commit of another meeting’s group is refused as that, in whatever epoch', async () => {
  const { anna } = await meeting();
  const other = accepted(
    await (await device('chair', 'x25519')).create({ ...CONTEXT, meeting: 'meeting-2' }),
  );
  for (let epoch = 0n; epoch <= anna.epoch(); epoch++) {
    const commit = await commitBy(other);
    assert.equal(await refusedBy(anna, commit.message), 'mls.other-group', `${epoch}`);
    accepted(await other.adopt(commit));
  }
});

test('what an outsider can send is refused by its kind: public messages, external commits among them', async () => {
  const { anna } = await meeting();
  const publicCommit = encodeMlsMessage({
    version: 'mls10',
    wireformat: 'mls_public_message',
    publicMessage: {
      content: {
        groupId: utf8(CONTEXT.meeting),
        epoch: anna.epoch(),
        sender: { senderType: 'new_member_commit' },
        authenticatedData: NOTHING,
        contentType: 'commit',
        commit: { proposals: [], path: undefined },
      },
      auth: { contentType: 'commit', signature: NOTHING, confirmationTag: NOTHING },
      senderType: 'new_member_commit',
    },
  });
  assert.equal(await refusedBy(anna, publicCommit), 'mls.wrong-kind');
});

const joinerOf = async (chair: Group, name: string) => {
  const joiner: GroupKeyAgreement = await device(name, 'x25519');
  return { joiner, keyPackage: await joiner.keyPackage(), chair };
};

test('a swapped key package gives its owner no Welcome, and names who came instead', async () => {
  const { chair, anna } = await meeting();
  const [wanted, swapped] = [await joinerOf(chair, 'carl'), await joinerOf(chair, 'other authority: eve')];
  const commit = accepted(await chair.commit({ add: [swapped.keyPackage] }, anybody));
  const result = await wanted.joiner.join(commit.welcomes[0] ?? NOTHING, commit.tree, CONTEXT, anybody);
  assert.equal(codeOf(result), 'mls.unknown-key-package');
  assert.equal(await refusedBy(anna, commit.message, knownOnly), 'test.stranger');
});

test('another tree than the Welcome was made for is refused, and the right one still accepted', async () => {
  const { chair } = await meeting();
  const { joiner, keyPackage } = await joinerOf(chair, 'carl');
  const other = accepted(await chair.commit({}, anybody));
  const { welcomes, tree } = accepted(await chair.commit({ add: [keyPackage] }, anybody));
  const welcome = welcomes[0] ?? NOTHING;
  assert.equal(codeOf(await joiner.join(welcome, other.tree, CONTEXT, anybody)), 'mls.invalid-welcome');
  accepted(await joiner.join(welcome, tree, CONTEXT, anybody));
});

test('cut and flipped commits are refused and change nothing', async () => {
  const { chair, anna } = await meeting();
  const { message } = await commitBy(chair);
  const random = seededRandom(7).below;
  for (let i = 0; i < 120; i++) {
    const flipped = message.slice();
    const at = random(message.length);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << random(8));
    assert.match(await refusedBy(anna, flipped), /^mls\./);
    assert.match(await refusedBy(anna, message.subarray(0, random(message.length))), /^mls\./);
  }
  accepted(await anna.stage(message, anybody));
});

test('cut and flipped Welcomes and trees are refused, and the whole ones still accepted', async () => {
  const { chair } = await meeting();
  const { joiner, keyPackage } = await joinerOf(chair, 'carl');
  const { welcomes, tree } = accepted(await chair.commit({ add: [keyPackage] }, anybody));
  const welcome = welcomes[0] ?? NOTHING;
  const random = seededRandom(8).below;
  const flip = (bytes: Bytes): Bytes => {
    const flipped = bytes.slice();
    const at = random(bytes.length);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << random(8));
    return flipped;
  };
  for (let i = 0; i < 60; i++) {
    assert.match(codeOf(await joiner.join(flip(welcome), tree, CONTEXT, anybody)), /^mls\./);
    assert.match(codeOf(await joiner.join(welcome, flip(tree), CONTEXT, anybody)), /^mls\./);
    assert.match(
      codeOf(await joiner.join(welcome, tree.subarray(0, random(tree.length)), CONTEXT, anybody)),
      /^mls\./,
    );
  }
  accepted(await joiner.join(welcome, tree, CONTEXT, anybody));
});

test('a message with something behind it is none, and what it was without that is still taken', async () => {
  const { chair, anna } = await meeting();
  const { joiner, keyPackage } = await joinerOf(chair, 'carl');
  const longer = (bytes: Bytes): Bytes => concatBytes(bytes, Uint8Array.of(0));
  const added = await chair.commit({ add: [longer(keyPackage)] }, anybody);
  assert.equal(codeOf(added), 'mls.malformed');
  const { message, welcomes, tree } = accepted(await chair.commit({ add: [keyPackage] }, anybody));
  const welcome = welcomes[0] ?? NOTHING;
  assert.equal(await refusedBy(anna, longer(message)), 'mls.malformed');
  assert.equal(codeOf(await joiner.join(longer(welcome), tree, CONTEXT, anybody)), 'mls.malformed');
  assert.equal(codeOf(await joiner.join(welcome, longer(tree), CONTEXT, anybody)), 'mls.invalid-welcome');
  accepted(await anna.stage(message, anybody));
  accepted(await joiner.join(welcome, tree, CONTEXT, anybody));
});

test('a tree that says the same in other bytes is refused: one tree has one encoding', async () => {
  const { chair } = await meeting();
  const { joiner, keyPackage } = await joinerOf(chair, 'carl');
  const { welcomes, tree } = accepted(await chair.commit({ add: [keyPackage] }, anybody));
  // Whether a node is there is one byte, and the library takes each but 1 for "no" (RFC 9420 section 2.1.1: 0 alone).
  const isSame = (bytes: Bytes): boolean => {
    try {
      const [read] = decodeRatchetTree(bytes, 0) ?? [];
      return read !== undefined && equalBytes(encode(ratchetTreeEncoder)(read), tree);
    } catch {
      return false;
    }
  };
  const others = [...tree.keys()].filter((at) => tree[at] === 0).map((at) => tree.with(at, 2));
  const [other, ...rest] = others.filter(isSame);
  assert.ok(other !== undefined && rest.length < 8);
  const welcome = welcomes[0] ?? NOTHING;
  assert.equal(codeOf(await joiner.join(welcome, other, CONTEXT, anybody)), 'mls.invalid-welcome');
  accepted(await joiner.join(welcome, tree, CONTEXT, anybody));
});

test('a key package that was changed on its way is refused', async () => {
  const { chair } = await meeting();
  const { keyPackage } = await joinerOf(chair, 'carl');
  const random = seededRandom(9).below;
  for (let i = 0; i < 60; i++) {
    const flipped = keyPackage.slice();
    const at = random(keyPackage.length);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << random(8));
    assert.match(codeOf(await chair.commit({ add: [flipped] }, anybody)), /^mls\./);
  }
});

test('a leaf that is not there cannot be removed, nor a member itself', async () => {
  const { chair } = await meeting();
  assert.equal(codeOf(await chair.commit({ remove: [40] }, anybody)), 'mls.impossible-commit');
  assert.equal(codeOf(await chair.commit({ remove: [chair.ownLeaf()] }, anybody)), 'mls.impossible-commit');
});
