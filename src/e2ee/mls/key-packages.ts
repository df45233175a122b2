import type { KeyPackage, PrivateKeyPackage } from 'ts-mls';
import { type CiphersuiteImpl, encodeMlsMessage, generateKeyPackageWithKey } from 'ts-mls';
import { makeKeyPackageRef } from 'ts-mls/keyPackage.js';
import { type Bytes, toHex } from '../../base/bytes.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import { CONTEXT_EXTENSION } from './context.ts';
import { decodeAs, type Tools } from './library.ts';
import { expired, lifetimeFrom } from './lifetime.ts';

/** Enough for a join, its retries and the rejoin after a lost commit; each holds two private keys. */
export const MAX_KEY_PACKAGES = 4;

export interface OwnKeyPackage {
  readonly ref: string;
  readonly publicPackage: KeyPackage;
  readonly privatePackage: PrivateKeyPackage;
}

/** RFC 9420 section 5.2, in hexadecimal. */
const refOf = async (keyPackage: KeyPackage, { hash }: CiphersuiteImpl): Promise<string> =>
  toHex(await makeKeyPackageRef(keyPackage, hash));

/** The library signs with the tools' signer: the private key that it is given is empty. */
export const makeKeyPackage = async (
  tools: Tools,
  certificates: readonly Bytes[],
): Promise<OwnKeyPackage> => {
  const made = await generateKeyPackageWithKey(
    { credentialType: 'x509', certificates: [...certificates] },
    {
      versions: ['mls10'],
      ciphersuites: [tools.crypto.name],
      extensions: [CONTEXT_EXTENSION],
      proposals: [],
      credentials: ['x509'],
    },
    lifetimeFrom(tools.clock.unixMs()),
    [],
    { publicKey: tools.signer.publicKey, signKey: new Uint8Array() },
    tools.crypto,
  );
  return { ...made, ref: await refOf(made.publicPackage, tools.crypto) };
};

export const encodeKeyPackage = (keyPackage: KeyPackage): Bytes =>
  encodeMlsMessage({ version: 'mls10', wireformat: 'mls_key_package', keyPackage });

/** Signatures are checked where the package is added. */
export const readKeyPackage = (bytes: Bytes, { crypto, clock, suite }: Tools): Result<KeyPackage> => {
  const message = decodeAs('mls_key_package', bytes);
  if (!message.ok) return message;
  const { keyPackage } = message.value;
  if (keyPackage.cipherSuite !== crypto.name) {
    return refuse('mls.suite', `a key package of another suite than the meeting's, ${suite}`);
  }
  const late = expired(keyPackage, clock.unixMs());
  return late === undefined ? ok(keyPackage) : { ok: false, refusal: late };
};
