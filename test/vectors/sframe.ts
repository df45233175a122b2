import { BelfryError } from '../../src/base/errors.ts';
import { splitKey } from '../../src/e2ee/sframe/ctr-hmac.ts';
import { deriveKeyAndSalt, frameSecret, keyLabel, saltLabel } from '../../src/e2ee/sframe/derive.ts';
import type { SyncDriver } from '../../src/e2ee/sframe/driver.ts';
import { decryptFrame, deriveFrameKey, encryptFrame } from '../../src/e2ee/sframe/frame.ts';
import {
  decryptFrameAsync,
  deriveFrameKeyAsync,
  deriveKeyAndSaltAsync,
  encryptFrameAsync,
} from '../../src/e2ee/sframe/frame-async.ts';
import { nobleDriver } from '../../src/e2ee/sframe/noble.ts';
import { nodeDriver } from '../../src/e2ee/sframe/node.ts';
import { formAad, formNonce } from '../../src/e2ee/sframe/steps.ts';
import { type CtrHmacSuite, SUITES, type Suite } from '../../src/e2ee/sframe/suites.ts';
import { webDriver } from '../../src/e2ee/sframe/web.ts';
import { encodeHeader, parseHeader } from '../../src/framing/sframe-header.ts';
import { bytesCheck, type Check, type VectorCase, valueCheck } from './check.ts';
import type { CtrHmacVector, FrameVector, HeaderVector, SFrameFile } from './schema.ts';

const SYNC_DRIVERS: readonly SyncDriver[] = [nodeDriver, nobleDriver];
const web = webDriver(globalThis.crypto.subtle);

const suiteOf = (id: number): Suite => {
  const suite = Object.values(SUITES).find((one) => one.id === id);
  if (suite === undefined) throw new BelfryError('vectors.unknown-suite', `no cipher suite ${id}`);
  return suite;
};

const ctrHmacSuiteOf = (id: number): CtrHmacSuite => {
  const suite = suiteOf(id);
  if (suite.kind === 'ctr-hmac') return suite;
  throw new BelfryError('vectors.unknown-suite', `cipher suite ${id} has no HMAC`);
};

const labelled = (driver: string, checks: readonly Check[]): Check[] =>
  checks.map((check) => ({ ...check, what: `${driver} ${check.what}` }));

/** Section 4.3, both directions. */
const headerChecks = ({ kid, ctr, encoded }: HeaderVector): Check[] => {
  const parsed = parseHeader(encoded);
  if (!parsed.ok) return [valueCheck('parsing', 'a header', parsed.refusal.code)];
  return [
    bytesCheck('encoded', encoded, encodeHeader(kid, ctr)),
    valueCheck('kid', kid, parsed.value.kid),
    valueCheck('ctr', ctr, parsed.value.ctr),
    valueCheck('length', encoded.length, parsed.value.length),
  ];
};

const keyHalves = (suite: CtrHmacSuite, vector: CtrHmacVector): Check[] => {
  const { encryption, authentication } = splitKey(suite, vector.key);
  return [
    bytesCheck('enc_key', vector.enc_key, encryption),
    bytesCheck('auth_key', vector.auth_key, authentication),
  ];
};

/** Section 4.5.1. */
const ctrHmacSync = (driver: SyncDriver, suite: CtrHmacSuite, vector: CtrHmacVector): Check[] => {
  const aead = driver.aead(suite, vector.key);
  const sealed = driver.allocate(vector.pt.length + suite.tagBytes);
  aead.seal(vector.nonce, vector.aad, vector.pt, sealed, 0);
  const opened = aead.open(vector.nonce, vector.aad, vector.ct);
  return labelled(driver.name, [
    bytesCheck('ct', vector.ct, sealed),
    opened === undefined
      ? valueCheck('pt', 'authentic', 'not authentic')
      : bytesCheck('pt', vector.pt, opened),
  ]);
};

const ctrHmacWeb = async (suite: CtrHmacSuite, vector: CtrHmacVector): Promise<Check[]> => {
  const aead = await web.aead(suite, vector.key);
  const opened = await aead.open(vector.nonce, vector.aad, vector.ct);
  return labelled(web.name, [
    bytesCheck('ct', vector.ct, await aead.seal(vector.nonce, vector.aad, vector.pt)),
    opened === undefined
      ? valueCheck('pt', 'authentic', 'not authentic')
      : bytesCheck('pt', vector.pt, opened),
  ]);
};

const ctrHmacChecks = async (vector: CtrHmacVector): Promise<Check[]> => {
  const suite = ctrHmacSuiteOf(vector.cipher_suite);
  return [
    ...keyHalves(suite, vector),
    ...SYNC_DRIVERS.flatMap((driver) => ctrHmacSync(driver, suite, vector)),
    ...(await ctrHmacWeb(suite, vector)),
  ];
};

/** What no driver has a part in: sections 4.4.2 and 4.4.3. */
const frameSteps = (suite: Suite, vector: FrameVector): Check[] => [
  bytesCheck('sframe_key_label', vector.sframe_key_label, keyLabel(suite, vector.kid)),
  bytesCheck('sframe_salt_label', vector.sframe_salt_label, saltLabel(suite, vector.kid)),
  bytesCheck('nonce', vector.nonce, formNonce(vector.sframe_salt, vector.ctr)),
  bytesCheck('aad', vector.aad, formAad(encodeHeader(vector.kid, vector.ctr), vector.metadata)),
];

const toSeal = ({ ctr, metadata, pt }: FrameVector) => ({ ctr, metadata, plaintext: pt });

type Decrypted = ReturnType<typeof decryptFrame>;

const decryptedChecks = (vector: FrameVector, opened: Decrypted): Check[] => {
  if (!opened.ok) return [valueCheck('pt', 'authentic', opened.refusal.code)];
  return [
    bytesCheck('pt', vector.pt, opened.value.plaintext),
    valueCheck('kid', vector.kid, opened.value.kid),
    valueCheck('ctr', vector.ctr, opened.value.ctr),
  ];
};

const frameSync = (driver: SyncDriver, suite: Suite, vector: FrameVector): Check[] => {
  const { key, salt } = deriveKeyAndSalt(driver, suite, vector.kid, vector.base_key);
  const frameKey = deriveFrameKey(driver, suite, vector.kid, vector.base_key);
  return labelled(driver.name, [
    bytesCheck('sframe_secret', vector.sframe_secret, frameSecret(driver, suite, vector.base_key)),
    bytesCheck('sframe_key', vector.sframe_key, key),
    bytesCheck('sframe_salt', vector.sframe_salt, salt),
    bytesCheck('ct', vector.ct, encryptFrame(frameKey, toSeal(vector))),
    ...decryptedChecks(
      vector,
      decryptFrame(() => frameKey, vector.metadata, vector.ct),
    ),
  ]);
};

const frameWeb = async (suite: Suite, vector: FrameVector): Promise<Check[]> => {
  const { key, salt } = await deriveKeyAndSaltAsync(web, suite, vector.kid, vector.base_key);
  const frameKey = await deriveFrameKeyAsync(web, suite, vector.kid, vector.base_key);
  return labelled(web.name, [
    bytesCheck('sframe_key', vector.sframe_key, key),
    bytesCheck('sframe_salt', vector.sframe_salt, salt),
    bytesCheck('ct', vector.ct, await encryptFrameAsync(frameKey, toSeal(vector))),
    ...decryptedChecks(vector, await decryptFrameAsync(() => frameKey, vector.metadata, vector.ct)),
  ]);
};

const frameChecks = async (vector: FrameVector): Promise<Check[]> => {
  const suite = suiteOf(vector.cipher_suite);
  return [
    ...frameSteps(suite, vector),
    ...SYNC_DRIVERS.flatMap((driver) => frameSync(driver, suite, vector)),
    ...(await frameWeb(suite, vector)),
  ];
};

export const sframeCases = ({ header, aes_ctr_hmac, sframe }: SFrameFile): VectorCase[] => [
  ...header.map((vector, i) => ({ name: `header[${i}]`, run: async () => headerChecks(vector) })),
  ...aes_ctr_hmac.map((vector, i) => ({ name: `aes_ctr_hmac[${i}]`, run: () => ctrHmacChecks(vector) })),
  ...sframe.map((vector, i) => ({ name: `sframe[${i}]`, run: () => frameChecks(vector) })),
];
