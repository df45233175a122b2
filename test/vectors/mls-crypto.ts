import {
  type CiphersuiteImpl,
  type CiphersuiteName,
  ciphersuites,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
} from 'ts-mls';
import { BelfryError } from '../../src/base/errors.ts';
import { nodeMlsCrypto } from '../../src/e2ee/mls/crypto/node.ts';
import { type MlsSuite, SUITE_NAMES } from '../../src/e2ee/mls/suites.ts';

export interface NamedCrypto {
  readonly name: string;
  readonly crypto: CiphersuiteImpl;
}

const nameOf = (id: number): CiphersuiteName => {
  const found = Object.entries(ciphersuites).find(([, number]) => number === id);
  if (found === undefined) throw new BelfryError('vectors.unknown-suite', `no MLS cipher suite ${id}`);
  return found[0] as CiphersuiteName;
};

/** Everything that runs a suite: the browsers' cryptography all of them, Node's those of our deployments. */
export const cryptosOf = async (id: number): Promise<NamedCrypto[]> => {
  const name = nameOf(id);
  const web = { name: 'web', crypto: await getCiphersuiteImpl(getCiphersuiteFromName(name)) };
  const ours = (Object.keys(SUITE_NAMES) as MlsSuite[]).find((suite) => SUITE_NAMES[suite] === name);
  return ours === undefined ? [web] : [{ name: 'node', crypto: await nodeMlsCrypto(ours) }, web];
};
