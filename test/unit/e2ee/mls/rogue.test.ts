import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CiphersuiteImpl,
  type ClientState,
  type Credential,
  createApplicationMessage,
  createCommit,
  createGroup,
  createProposal,
  type Extension,
  emptyPskIndex,
  encodeMlsMessage,
  generateKeyPackageWithKey,
  type Lifetime,
  type Proposal,
  processPublicMessage,
} from 'ts-mls';
import { encode } from 'ts-mls/codec/tlsEncoder.js';
import { ratchetTreeEncoder } from 'ts-mls/ratchetTree.js';
import { type Bytes, utf8 } from '../../../../src/base/bytes.ts';
import { CONTEXT_EXTENSION, contextExtension, groupIdOf } from '../../../../src/e2ee/mls/context.ts';
import { hallExtension } from '../../../../src/e2ee/mls/hall.ts';
import { readKeyPackage } from '../../../../src/e2ee/mls/key-packages.ts';
import { CLIENT_CONFIG, type Tools } from '../../../../src/e2ee/mls/library.ts';
import { lifetimeFrom } from '../../../../src/e2ee/mls/lifetime.ts';
import type { Group } from '../../../../src/e2ee/mls/port.ts';
import { unacceptable } from '../../../../src/e2ee/mls/staging.ts';
import { bareTools, comeFromOutside } from '../../../support/hostile-external.ts';
import { accepted, anybody, codeOf, contextOf, device, epochOf } from '../../../support/mls-device.ts';

const CONTEXT = contextOf('x25519');

interface Rogue {
  readonly state: ClientState;
  readonly crypto: CiphersuiteImpl;
  readonly anna: Group;
}

const hallOf = (epochs: readonly bigint[]): Extension =>
  hallExtension({ keys: epochs.map((epoch) => ({ epoch, key: new Uint8Array(32) })), turns: false });

/** What a key package says of its owner, and for how long; as an honest one does where nothing is given. */
interface Claims {
  readonly credential?: Credential;
  readonly lifetime?: Lifetime;
}

const CERTIFIED: Credential = { credentialType: 'x509', certificates: [utf8('rogue')] };

const packageOf = ({ crypto, signer, clock }: Tools, { credential = CERTIFIED, lifetime }: Claims = {}) =>
  generateKeyPackageWithKey(
    credential,
    {
      versions: ['mls10'],
      ciphersuites: [crypto.name],
      extensions: [CONTEXT_EXTENSION],
      proposals: [],
      credentials: ['x509', 'basic'],
    },
    lifetime ?? lifetimeFrom(clock.unixMs()),
    [],
    { publicKey: signer.publicKey, signKey: new Uint8Array() },
    crypto,
  );

/** What is wrong with a group, and with how somebody is welcomed there. */
interface Deviation extends Claims {
  readonly id?: Bytes;
  readonly extensions?: readonly Extension[];
  readonly groupInfoExtensions?: readonly Extension[];
}

const begun = async ({ id = groupIdOf(CONTEXT), extensions, ...claims }: Deviation) => {
  const tools = await bareTools();
  const { publicPackage, privatePackage } = await packageOf(tools, claims);
  const context = [...(extensions ?? [contextExtension(CONTEXT)])];
  const state = await createGroup(id, publicPackage, privatePackage, context, tools.crypto, CLIENT_CONFIG);
  return { state, tools };
};

/** A member that uses the library without our checks, and an honest one that it lets in with a Welcome of its making. */
const welcomed = async (deviation: Deviation = {}, clock = { unixMs: Date.now }) => {
  const { state: empty, tools } = await begun(deviation);
  const { crypto } = tools;
  const joiner = await device('anna', 'x25519', { clock });
  const keyPackage = accepted(readKeyPackage(await joiner.keyPackage(), tools));
  const add: Proposal = { proposalType: 'add', add: { keyPackage } };
  const context = { state: empty, cipherSuite: crypto };
  const groupInfoExtensions = [...(deviation.groupInfoExtensions ?? [hallOf([0n])])];
  const made = await createCommit(context, { extraProposals: [add], groupInfoExtensions });
  assert.ok(made.welcome !== undefined);
  const welcome = encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome: made.welcome });
  const tree = encode(ratchetTreeEncoder)(made.newState.ratchetTree);
  return { state: made.newState, crypto, joined: await joiner.join(welcome, tree, CONTEXT, anybody) };
};

const rogue = async (clock?: { unixMs: () => number }): Promise<Rogue> => {
  const { joined, ...rest } = await welcomed({}, clock);
  return { ...rest, anna: accepted(joined) };
};

const stagedByAnna = async ({ state, crypto, anna }: Rogue, extraProposals: Proposal[]): Promise<string> => {
  const before = await epochOf(anna);
  const { commit } = await createCommit({ state, cipherSuite: crypto }, { extraProposals });
  const code = codeOf(await anna.stage(encodeMlsMessage(commit), anybody));
  assert.equal(await epochOf(anna), before);
  return code;
};

for (const [what, extensions] of [
  ['no hall keys', []],
  ['hall keys twice', [hallOf([0n]), hallOf([0n])]],
  ['an external key beside them', [hallOf([0n]), { extensionType: 4, extensionData: new Uint8Array(2) }]],
  ['hall keys by another name', [{ ...hallOf([0n]), extensionType: 0xf0c0 }]],
  ['an empty list', [hallOf([])]],
  ['a key of its own epoch', [hallOf([1n])]],
  ['the same epoch twice', [hallOf([0n, 0n])]],
  ['half a key', [{ ...hallOf([0n]), extensionData: hallOf([0n]).extensionData.subarray(1) }]],
  ['more keys than are kept', [hallOf(Array.from({ length: 65 }, () => 0n))]],
] as const) {
  test(`a Welcome with ${what} is refused`, async () => {
    const { joined } = await welcomed({ groupInfoExtensions: extensions });
    assert.equal(codeOf(joined), 'mls.invalid-welcome');
  });
}

test('the rogue member’s ordinary commits are taken', async () => {
  assert.equal(await stagedByAnna(await rogue(), []), 'accepted');
});

const ENDLESS: Lifetime = { notBefore: 0n, notAfter: 2n ** 64n - 1n };
const HOUR_S = 3_600n;
const nowS = (): bigint => BigInt(Math.floor(Date.now() / 1_000));
const uncertified: Credential = { credentialType: 'x509', certificates: [] };
const basic: Credential = { credentialType: 'basic', identity: utf8('anna') };

/** The code is the library's own where it refuses by itself: no member of ours lists another kind of credential. */
for (const [what, claims, inCommit, inWelcome] of [
  ['a key package without end', { lifetime: ENDLESS }, 'mls.lifetime', 'mls.lifetime'],
  [
    'a key package for two days',
    { lifetime: { notBefore: nowS() - HOUR_S, notAfter: nowS() + 48n * HOUR_S } },
    'mls.lifetime',
    'mls.lifetime',
  ],
  ['a credential without a certificate', { credential: uncertified }, 'mls.credential', 'mls.credential'],
  ['a name instead of a certificate', { credential: basic }, undefined, 'mls.invalid-welcome'],
] as const) {
  if (inCommit !== undefined)
    test(`a member's commit that adds somebody by ${what} is refused`, async () => {
      const { publicPackage } = await packageOf(await bareTools(), claims);
      const add: Proposal = { proposalType: 'add', add: { keyPackage: publicPackage } };
      assert.equal(await stagedByAnna(await rogue(), [add]), inCommit);
    });
  test(`a Welcome into a group with a member by ${what} is refused`, async () => {
    assert.equal(codeOf((await welcomed(claims)).joined), inWelcome);
  });
}

test('a member’s commit that adds somebody by an expired key package is refused, and before that it is taken', async () => {
  let unixMs = Date.now();
  const all = await rogue({ unixMs: () => unixMs });
  const lifetime = { notBefore: nowS() - HOUR_S, notAfter: nowS() + HOUR_S };
  const { publicPackage } = await packageOf(await bareTools(), { lifetime });
  const add: Proposal = { proposalType: 'add', add: { keyPackage: publicPackage } };
  assert.equal(await stagedByAnna(all, [add]), 'accepted');
  unixMs += 2 * Number(HOUR_S) * 1_000;
  assert.equal(await stagedByAnna(all, []), 'accepted', 'her own is good for a day');
  assert.equal(await stagedByAnna(all, [add]), 'mls.lifetime');
});

test('a member’s commit that adds somebody by an expired key package in the place of who was there before is refused', async () => {
  let unixMs = Date.now();
  const all = await rogue({ unixMs: () => unixMs });
  const lifetime = { notBefore: nowS() - HOUR_S, notAfter: nowS() + HOUR_S };
  const another = async (): Promise<Proposal> => {
    const { publicPackage } = await packageOf(await bareTools(), { lifetime });
    return { proposalType: 'add', add: { keyPackage: publicPackage } };
  };
  const context = { state: all.state, cipherSuite: all.crypto };
  const { commit, newState: state } = await createCommit(context, { extraProposals: [await another()] });
  accepted(await all.anna.adopt(accepted(await all.anna.stage(encodeMlsMessage(commit), anybody))));
  const place = Math.max(...all.anna.members().map(({ leaf }) => leaf));
  const remove: Proposal = { proposalType: 'remove', remove: { removed: place } };
  unixMs += 2 * Number(HOUR_S) * 1_000;
  assert.equal(await stagedByAnna({ ...all, state }, [remove]), 'accepted');
  assert.equal(await stagedByAnna({ ...all, state }, [remove, await another()]), 'mls.lifetime');
});

for (const [what, deviation] of [
  ['by another name', { id: utf8('meeting-2') }],
  [
    'with a second context beside ours',
    { extensions: [contextExtension(CONTEXT), contextExtension({ ...CONTEXT, marking: 'public' })] },
  ],
] as const)
  test(`a Welcome into a group ${what} is refused`, async () => {
    assert.equal(codeOf((await welcomed(deviation)).joined), 'mls.context');
  });

/** What the library would not let anybody come as far with. */
test('an epoch of another suite, or with a member that has a name alone, is not acceptable by itself', async () => {
  const { state, tools } = await begun({});
  assert.equal(unacceptable(undefined, state, CONTEXT, tools, anybody), undefined);
  const other = {
    ...tools,
    crypto: { ...tools.crypto, name: 'MLS_256_DHKEMP384_AES256GCM_SHA384_P384' },
  } as const;
  assert.equal(unacceptable(undefined, state, CONTEXT, other, anybody)?.code, 'mls.suite');
  const named = await begun({ credential: basic });
  assert.equal(unacceptable(undefined, named.state, CONTEXT, named.tools, anybody)?.code, 'mls.credential');
});

test('a member’s messages that are no commits are refused by their kind', async () => {
  const { state, crypto, anna } = await rogue();
  const before = await epochOf(anna);
  const remove: Proposal = { proposalType: 'remove', remove: { removed: anna.ownLeaf() } };
  const { message } = await createProposal(state, false, remove, crypto);
  assert.equal(codeOf(await anna.stage(encodeMlsMessage(message), anybody)), 'mls.wrong-kind');
  const { privateMessage } = await createApplicationMessage(state, utf8('hello'), crypto);
  const said = { version: 'mls10', wireformat: 'mls_private_message', privateMessage } as const;
  assert.equal(codeOf(await anna.stage(encodeMlsMessage(said), anybody)), 'mls.wrong-kind');
  assert.equal(await epochOf(anna), before);
});

for (const change of [{ chair: 'rogue' }, { marking: 'public' }, { charterHash: utf8('another') }]) {
  test(`a member's commit that changes the ${Object.keys(change)[0]} is refused`, async () => {
    const extensions = [contextExtension({ ...CONTEXT, ...change })];
    const proposal: Proposal = {
      proposalType: 'group_context_extensions',
      groupContextExtensions: { extensions },
    };
    assert.equal(await stagedByAnna(await rogue(), [proposal]), 'mls.forbidden-proposal');
  });
}

test('a commit that ends the group for another of a weaker suite is refused', async () => {
  const proposal: Proposal = {
    proposalType: 'reinit',
    reinit: {
      groupId: utf8('weaker'),
      version: 'mls10',
      cipherSuite: 'MLS_128_DHKEMP256_AES128GCM_SHA256_P256',
      extensions: [],
    },
  };
  assert.equal(await stagedByAnna(await rogue(), [proposal]), 'mls.forbidden-proposal');
});

test('a true external commit, by group information that a member gave away, is refused by its kind', async () => {
  const { state, crypto, anna } = await rogue();
  const before = await epochOf(anna);
  const { publicMessage, message, newState } = await comeFromOutside(state, crypto, 'outside');
  const bare = await processPublicMessage(state, publicMessage, emptyPskIndex, crypto);
  assert.deepEqual(
    bare.newState.keySchedule.exporterSecret,
    newState.keySchedule.exporterSecret,
    'without our check it leads members into the outsider’s epoch',
  );
  assert.equal(codeOf(await anna.stage(message, anybody)), 'mls.wrong-kind');
  assert.equal(await epochOf(anna), before);
});
