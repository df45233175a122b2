import { BelfryError } from '../../src/base/errors.ts';
import { forgetfulLists } from '../../src/client/cast/forgetful-lists.ts';
import type { Enrolled } from '../../src/client/people/enrolled.ts';
import type { Scale } from '../../src/trust/markings/scale.ts';
import { keysOf } from '../../src/trust/signing/keys.ts';
import { openPeopleRoot } from '../../src/trust/signing/people-certificate.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';

/** A device as text, its key in it: for tests and benchmarks alone, whose pages it is handed to. */
export interface HandedDevice {
  readonly rootPem: string;
  readonly scale: Scale;
  readonly certificate: string;
  readonly clearance: Vouched;
  readonly privateKey: JsonWebKey;
  readonly publicKey: JsonWebKey;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;

export const takeDevice = async ({
  rootPem,
  privateKey,
  publicKey,
  ...rest
}: HandedDevice): Promise<Enrolled> => {
  const root = await openPeopleRoot(rootPem);
  if (!root.ok) throw BelfryError.from(root.refusal);
  const pair = {
    privateKey: await crypto.subtle.importKey('jwk', privateKey, ALGORITHM, false, ['sign']),
    publicKey: await crypto.subtle.importKey('jwk', publicKey, ALGORITHM, true, ['verify']),
  };
  return { ...rest, root: root.value, signing: (await keysOf(pair)).signing, lists: forgetfulLists() };
};
