import { randomBytes as nodeRandomBytes } from 'node:crypto';
import { asId } from '../../src/base/ids.ts';
import type { Result } from '../../src/base/result.ts';
import type { DeviceId, DeviceNames, PersonId } from '../../src/trust/devices/ids.ts';
import type { OfficeName } from '../../src/trust/devices/roles.ts';
import type { KeyedCertificate } from '../../src/trust/signing/issuing.ts';
import { keysOf, newKeyPair, type SigningKey } from '../../src/trust/signing/keys.ts';
import {
  createPeopleAuthority,
  issueDeviceCertificate,
  issueOffice,
  signingKeyOf,
} from '../../src/trust/signing/people-authority.ts';
import {
  judgeOfficeCertificate,
  openPeopleRoot,
  type PeopleRoot,
} from '../../src/trust/signing/people-certificate.ts';
import type { Alg } from '../../src/trust/statement/algorithms.ts';
import type { PublicKeyInfo } from '../../src/trust/statement/statement.ts';

export const NOW = Date.parse('2026-01-01T12:00:00Z');
export const randomBytes = (size: number) => new Uint8Array(nodeRandomBytes(size));
export const at = { nowUnixMs: NOW, randomBytes };
export const person = (text: string): PersonId => asId<PersonId>(text);
export const device = (text: string): DeviceId => asId<DeviceId>(text);
export const ALICE: DeviceNames = { person: person('alice'), device: device('alice-1') };

export const codeOf = (result: Result<unknown>): string => (result.ok ? 'ok' : result.refusal.code);
export const granted = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`refused: ${result.refusal.code} ${result.refusal.message}`);
  return result.value;
};

/** A key with its certificate: a device's or an office's. */
export interface Signer {
  readonly certificate: string;
  readonly signing: SigningKey;
  readonly publicKey: PublicKeyInfo;
}

export interface People {
  readonly authority: KeyedCertificate;
  readonly root: PeopleRoot;
  /** With a key of its own where no pair is given. */
  device(names: DeviceNames, alg?: Alg, nowUnixMs?: number, pair?: CryptoKeyPair): Promise<Signer>;
  office(name: OfficeName): Promise<Signer>;
}

export const makePeople = async (madeUnixMs = NOW): Promise<People> => {
  const at = { nowUnixMs: madeUnixMs, randomBytes };
  const authority = await createPeopleAuthority(at);
  const root = granted(await openPeopleRoot(authority.certificate));
  return {
    authority,
    root,
    async device(names, alg, nowUnixMs = madeUnixMs, pair) {
      const keys = await keysOf(pair ?? (await newKeyPair(false, alg)));
      const when = { nowUnixMs, randomBytes };
      const certificate = await issueDeviceCertificate(authority, names, keys.publicKey, when);
      return { ...keys, certificate };
    },
    async office(name) {
      const keyed = await issueOffice(authority, name, at);
      const { publicKey } = granted(await judgeOfficeCertificate(name, keyed.certificate, root, madeUnixMs));
      const signing = await signingKeyOf(keyed, publicKey);
      if (signing === undefined) throw new Error('an office whose key does not fit');
      return { certificate: keyed.certificate, publicKey, signing };
    },
  };
};
