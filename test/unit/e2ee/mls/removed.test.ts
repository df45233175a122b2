import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CiphersuiteImpl,
  type ClientState,
  createCommit,
  createGroup,
  emptyPskIndex,
  type GroupContext,
  type HPKECiphertext,
  joinGroup,
  type MLSMessage,
  type Proposal,
} from 'ts-mls';
import { encode } from 'ts-mls/codec/tlsEncoder.js';
import { decryptWithLabel } from 'ts-mls/crypto/hpke.js';
import { groupContextEncoder } from 'ts-mls/groupContext.js';
import { initializeEpoch } from 'ts-mls/keySchedule.js';
import { toHex, utf8 } from '../../../../src/base/bytes.ts';
import { nodeMlsCrypto } from '../../../../src/e2ee/mls/crypto/node.ts';
import { makeKeyPackage } from '../../../../src/e2ee/mls/key-packages.ts';
import { CLIENT_CONFIG, type Tools } from '../../../../src/e2ee/mls/library.ts';
import { nodeSigner } from '../../../support/mls-device.ts';

const tools = async (): Promise<Tools> => {
  const crypto = await nodeMlsCrypto('x25519');
  const signer = nodeSigner('x25519');
  const signature = {
    ...crypto.signature,
    sign: (_: Uint8Array, message: Uint8Array) => signer.sign(message),
  };
  return { suite: 'x25519', signer, clock: { unixMs: Date.now }, crypto: { ...crypto, signature } };
};

const packageOf = async (name: string) => {
  const own = await tools();
  return { ...(await makeKeyPackage(own, [utf8(name)])), crypto: own.crypto };
};

/** A group of four on the bare library, and the one who will be removed. */
const group = async () => {
  const [chair, ...others] = await Promise.all(['chair', 'mallory', 'anna', 'ben'].map(packageOf));
  assert.ok(chair !== undefined && others[0] !== undefined);
  const empty = await createGroup(
    utf8('m'),
    chair.publicPackage,
    chair.privatePackage,
    [],
    chair.crypto,
    CLIENT_CONFIG,
  );
  const extraProposals = others.map(
    ({ publicPackage }): Proposal => ({ proposalType: 'add', add: { keyPackage: publicPackage } }),
  );
  const made = await createCommit({ state: empty, cipherSuite: chair.crypto }, { extraProposals });
  assert.ok(made.welcome !== undefined);
  const { publicPackage, privatePackage, crypto } = others[0];
  const tree = made.newState.ratchetTree;
  const mallory = await joinGroup(made.welcome, publicPackage, privatePackage, emptyPskIndex, crypto, tree);
  return { state: made.newState, crypto: chair.crypto, mallory };
};

const commitOf = async (state: ClientState, crypto: CiphersuiteImpl, extraProposals: Proposal[]) => {
  const options = { extraProposals, wireAsPublicMessage: true };
  const { newState, commit } = await createCommit({ state, cipherSuite: crypto }, options);
  return { newState, commit };
};

/** All that was sent for the path, under whichever key. */
const ciphertextsOf = (message: MLSMessage): HPKECiphertext[] => {
  assert.equal(message.wireformat, 'mls_public_message');
  const { content } = message.publicMessage;
  assert.equal(content.contentType, 'commit');
  return content.commit.path?.nodes.flatMap(({ encryptedPathSecret }) => encryptedPathSecret) ?? [];
};

/** The next epoch's exporter secret as somebody has it who knows the old init secret, and no path secret. */
const guessed = async ({ keySchedule }: ClientState, next: GroupContext, { kdf }: CiphersuiteImpl) => {
  const nothing = new Uint8Array(kdf.size);
  return toHex(
    (await initializeEpoch(keySchedule.initSecret, nothing, next, nothing, kdf)).keySchedule.exporterSecret,
  );
};

test('a member who was removed cannot go on without a path secret', async () => {
  const { state, crypto, mallory } = await group();
  const remove: Proposal = { proposalType: 'remove', remove: { removed: mallory.privatePath.leafIndex } };
  const { newState } = await commitOf(state, crypto, [remove]);
  const truth = toHex(newState.keySchedule.exporterSecret);
  assert.notEqual(await guessed(mallory, newState.groupContext, crypto), truth);
});

test('the same way leads into an epoch whose commit carries no path: so the test would see one', async () => {
  const { state, crypto, mallory } = await group();
  const { publicPackage } = await packageOf('carl');
  const add: Proposal = { proposalType: 'add', add: { keyPackage: publicPackage } };
  const { newState } = await commitOf(state, crypto, [add]);
  const truth = toHex(newState.keySchedule.exporterSecret);
  assert.equal(await guessed(mallory, newState.groupContext, crypto), truth);
});

/** How many of the ciphertexts open with any key that the member holds. */
const openedBy = async (
  { privatePath }: ClientState,
  ciphertexts: readonly HPKECiphertext[],
  context: GroupContext,
  { hpke }: CiphersuiteImpl,
): Promise<number> => {
  let opened = 0;
  for (const raw of Object.values(privatePath.privateKeys)) {
    const key = await hpke.importPrivateKey(raw);
    for (const { kemOutput, ciphertext } of ciphertexts) {
      const info = encode(groupContextEncoder)(context);
      await decryptWithLabel(key, 'UpdatePathNode', info, kemOutput, ciphertext, hpke).then(
        () => opened++,
        () => undefined,
      );
    }
  }
  return opened;
};

/** The path is sealed under the new context as it is before the commit itself is part of the transcript. */
const sealingContext = (before: ClientState, after: ClientState): GroupContext => ({
  ...before.groupContext,
  epoch: after.groupContext.epoch,
  treeHash: after.groupContext.treeHash,
});

test('no path secret of the removing commit opens with a key that the removed member holds', async () => {
  const { state, crypto, mallory } = await group();
  const remove: Proposal = { proposalType: 'remove', remove: { removed: mallory.privatePath.leafIndex } };
  for (const [proposals, expected] of [
    [[remove], 0],
    [[], 1],
  ] as const) {
    const { newState, commit } = await commitOf(state, crypto, [...proposals]);
    const ciphertexts = ciphertextsOf(commit);
    assert.ok(ciphertexts.length > 0);
    assert.equal(await openedBy(mallory, ciphertexts, sealingContext(state, newState), crypto), expected);
  }
});
