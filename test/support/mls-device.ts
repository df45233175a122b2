import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { type Bytes, utf8 } from '../../src/base/bytes.ts';
import type { Result } from '../../src/base/result.ts';
import { mlsAgreement } from '../../src/e2ee/mls/agreement.ts';
import { nodeMlsCrypto } from '../../src/e2ee/mls/crypto/node.ts';
import type { MlsCrypto } from '../../src/e2ee/mls/crypto/provider.ts';
import type { Group, GroupKeyAgreement, Judge, MeetingContext } from '../../src/e2ee/mls/port.ts';
import type { Signer } from '../../src/e2ee/mls/signer.ts';
import type { MlsSuite } from '../../src/e2ee/mls/suites.ts';

const SPKI_HEADER_BYTES = { ed25519: 12, p384: 23 };

export const nodeSigner = (suite: MlsSuite): Signer => {
  const p384 = suite === 'p-384';
  const pair = p384 ? generateKeyPairSync('ec', { namedCurve: 'P-384' }) : generateKeyPairSync('ed25519');
  const spki = createPublicKey(pair.privateKey).export({ format: 'der', type: 'spki' });
  return {
    publicKey: new Uint8Array(spki.subarray(SPKI_HEADER_BYTES[p384 ? 'p384' : 'ed25519'])),
    sign: async (message) => new Uint8Array(sign(p384 ? 'sha384' : null, message, pair.privateKey)),
  };
};

export const contextOf = (suite: MlsSuite): MeetingContext => ({
  meeting: 'meeting-1',
  marking: 'internal',
  suite,
  chair: 'chair-1',
  charterHash: utf8('a hash of the charter'),
});

interface DeviceOverrides {
  readonly crypto?: MlsCrypto;
  readonly signer?: Signer;
  readonly clock?: { unixMs(): number };
}

/** A device whose certificate is its name: what stands in for an authority's is judged by the test. */
export const device = (
  name: string,
  suite: MlsSuite,
  { crypto = nodeMlsCrypto, signer = nodeSigner(suite), clock = { unixMs: Date.now } }: DeviceOverrides = {},
): ReturnType<typeof mlsAgreement> =>
  mlsAgreement({ suite, signer, crypto, clock, certificates: [utf8(name)] });

export const anybody: Judge = () => undefined;

export const accepted = <T>(result: Result<T>): T => {
  assert.ok(result.ok, result.ok ? '' : `${result.refusal.code}: ${result.refusal.message}`);
  return result.value;
};

export const codeOf = (result: Result<unknown>): string => (result.ok ? 'accepted' : result.refusal.code);

/** Adds devices by one commit of `committer`, which the other members adopt. */
export const admit = async (
  committer: Group,
  others: readonly Group[],
  joiners: readonly GroupKeyAgreement[],
): Promise<Group[]> => {
  const add: Bytes[] = [];
  for (const joiner of joiners) add.push(await joiner.keyPackage());
  const commit = accepted(await committer.commit({ add }, anybody));
  for (const other of others)
    accepted(await other.adopt(accepted(await other.stage(commit.message, anybody))));
  accepted(await committer.adopt(commit));
  const groups: Group[] = [];
  for (const [i, joiner] of joiners.entries()) {
    const welcome = commit.welcomes[i] ?? new Uint8Array();
    groups.push(accepted(await joiner.join(welcome, commit.tree, committer.context, anybody)));
  }
  return groups;
};

/** What all members of one epoch hold alike. */
export const epochOf = async (group: Group): Promise<string> => {
  const key = accepted(await group.baseKey(32));
  const { digits, words } = accepted(await group.epochCode());
  return `${group.epoch()} ${Buffer.from(key).toString('hex')} ${digits} ${words.join(' ')}`;
};
