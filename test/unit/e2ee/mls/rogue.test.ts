import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CiphersuiteImpl,
  type ClientState,
  createCommit,
  createGroup,
  type Extension,
  emptyPskIndex,
  encodeMlsMessage,
  type Proposal,
  processPublicMessage,
} from 'ts-mls';
import { encode } from 'ts-mls/codec/tlsEncoder.js';
import { ratchetTreeEncoder } from 'ts-mls/ratchetTree.js';
import { utf8 } from '../../../../src/base/bytes.ts';
import { contextExtension, groupIdOf } from '../../../../src/e2ee/mls/context.ts';
import { hallExtension } from '../../../../src/e2ee/mls/hall.ts';
import { makeKeyPackage, readKeyPackage } from '../../../../src/e2ee/mls/key-packages.ts';
import { CLIENT_CONFIG } from '../../../../src/e2ee/mls/library.ts';
import type { Group } from '../../../../src/e2ee/mls/port.ts';
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

/** A member that uses the library without our checks, and an honest one that it lets in with a Welcome of its making. */
const welcomed = async (groupInfoExtensions: Extension[]) => {
  const tools = await bareTools();
  const { publicPackage, privatePackage } = await makeKeyPackage(tools, [utf8('rogue')]);
  const { crypto } = tools;
  const id = groupIdOf(CONTEXT);
  const extensions = [contextExtension(CONTEXT)];
  const empty = await createGroup(id, publicPackage, privatePackage, extensions, crypto, CLIENT_CONFIG);
  const joiner = await device('anna', 'x25519');
  const keyPackage = accepted(readKeyPackage(await joiner.keyPackage(), tools));
  const add: Proposal = { proposalType: 'add', add: { keyPackage } };
  const context = { state: empty, cipherSuite: crypto };
  const made = await createCommit(context, { extraProposals: [add], groupInfoExtensions });
  assert.ok(made.welcome !== undefined);
  const welcome = encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome: made.welcome });
  const tree = encode(ratchetTreeEncoder)(made.newState.ratchetTree);
  return { state: made.newState, crypto, joined: await joiner.join(welcome, tree, CONTEXT, anybody) };
};

const rogue = async (): Promise<Rogue> => {
  const { joined, ...rest } = await welcomed([hallOf([0n])]);
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
  ['an empty list', [hallOf([])]],
  ['a key of its own epoch', [hallOf([1n])]],
  ['the same epoch twice', [hallOf([0n, 0n])]],
  ['half a key', [{ ...hallOf([0n]), extensionData: hallOf([0n]).extensionData.subarray(1) }]],
  ['more keys than are kept', [hallOf(Array.from({ length: 65 }, () => 0n))]],
] as const) {
  test(`a Welcome with ${what} is refused`, async () => {
    const { joined } = await welcomed([...extensions]);
    assert.equal(codeOf(joined), 'mls.invalid-welcome');
  });
}

test('the rogue member’s ordinary commits are taken', async () => {
  assert.equal(await stagedByAnna(await rogue(), []), 'accepted');
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
