import {
  acceptAll,
  bytesToBase64,
  type CiphersuiteImpl,
  type ClientState,
  decodeMlsMessage,
  joinGroup,
  type MLSMessage,
  makePskIndex,
  type PskIndex,
  processMessage,
} from 'ts-mls';
import { decodeRatchetTree } from 'ts-mls/ratchetTree.js';
import type { Bytes } from '../../src/base/bytes.ts';
import { BelfryError } from '../../src/base/errors.ts';
import { bytesCheck, type Check, valueCheck } from './check.ts';
import { cryptosOf, type NamedCrypto } from './mls-crypto.ts';
import type { PassiveVector } from './mls-schema.ts';

const read = <Kind extends MLSMessage['wireformat']>(bytes: Bytes, ...kinds: readonly Kind[]) => {
  const [message] = decodeMlsMessage(bytes, 0) ?? [];
  const kind = kinds.find((one) => one === message?.wireformat);
  if (kind !== undefined) return message as Extract<MLSMessage, { wireformat: Kind }>;
  throw new BelfryError('vectors.mls-message', `no ${kinds.join(' or ')}, but ${message?.wireformat}`);
};

type Psks = Parameters<typeof makePskIndex>[1];
const psksOf = ({ external_psks }: PassiveVector): Psks =>
  Object.fromEntries(external_psks.map(({ psk_id, psk }) => [bytesToBase64(psk_id), psk]));

const joined = (vector: PassiveVector, psks: PskIndex, crypto: CiphersuiteImpl): Promise<ClientState> => {
  const { welcome } = read(vector.welcome, 'mls_welcome');
  const { keyPackage } = read(vector.key_package, 'mls_key_package');
  const tree = vector.ratchet_tree === null ? undefined : decodeRatchetTree(vector.ratchet_tree, 0)?.[0];
  const keys = {
    initPrivateKey: vector.init_priv,
    hpkePrivateKey: vector.encryption_priv,
    signaturePrivateKey: vector.signature_priv,
  };
  return joinGroup(welcome, keyPackage, keys, psks, crypto, tree);
};

/** What is received, one message after the other. */
const process = async (state: ClientState, bytes: Bytes, psks: Psks, crypto: CiphersuiteImpl) => {
  const message = read(bytes, 'mls_private_message', 'mls_public_message');
  const { newState } = await processMessage(message, state, makePskIndex(state, psks), acceptAll, crypto);
  return newState;
};

const checksWith = async ({ name, crypto }: NamedCrypto, vector: PassiveVector): Promise<Check[]> => {
  const psks = psksOf(vector);
  let state = await joined(vector, makePskIndex(undefined, psks), crypto);
  const authenticator = (what: string, expected: Bytes) =>
    bytesCheck(`${name} ${what}`, expected, state.keySchedule.epochAuthenticator);
  const checks = [authenticator('initial_epoch_authenticator', vector.initial_epoch_authenticator)];
  for (const [i, { proposals, commit, epoch_authenticator }] of vector.epochs.entries()) {
    for (const bytes of [...proposals, commit]) state = await process(state, bytes, psks, crypto);
    checks.push(authenticator(`epochs[${i}].epoch_authenticator`, epoch_authenticator));
  }
  return [...checks, valueCheck(`${name} state`, 'active', state.groupActiveState.kind)];
};

/** A member that joins by a Welcome and processes what the others send (RFC 9420 sections 12.4.2 and 12.4.3). */
export const passiveChecks = async (vector: PassiveVector): Promise<Check[]> => {
  const cryptos = await cryptosOf(vector.cipher_suite);
  return (await Promise.all(cryptos.map((crypto) => checksWith(crypto, vector)))).flat();
};
