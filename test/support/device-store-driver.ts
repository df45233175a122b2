import { toBase64Url } from '../../src/base/bytes.ts';
import type { DeviceStore } from '../../src/client/people/device-store.ts';
import { OWN_DEVICES, type OwnDevices } from '../../src/trust/devices/devices.ts';
import type { DeviceId } from '../../src/trust/devices/ids.ts';
import type { Scale } from '../../src/trust/markings/scale.ts';
import type { SignedCheckpoint } from '../../src/trust/record/checkpoint.ts';
import type { SeenList } from '../../src/trust/revocation/list.ts';
import { newKeyPair } from '../../src/trust/signing/keys.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';

/** What comes back, as plain data: keys stay where they are. */
export interface Loaded {
  readonly root: string;
  readonly scale: Scale;
  readonly certificate: string;
  readonly clearance: Vouched | undefined;
  readonly devices?: OwnDevices | undefined;
  readonly unseen?: readonly DeviceId[] | undefined;
  readonly seen: SeenList | undefined;
  readonly publicKey: string;
  /** Whether the private key signs what the public key finds good. */
  readonly isWholePair: boolean;
}

/** Drives a store in a page as in a process: plain data in and out, and a store opened anew for every call. */
export interface DeviceStoreDriver {
  /** Keeps a new key with this certificate; answers its public half. */
  keep(certificate: string): Promise<string>;
  /** Keeps the key that is there with another certificate. */
  renew(certificate: string): Promise<void>;
  load(): Promise<Loaded | null>;
  seeLists(numbers: readonly number[]): Promise<void>;
  /** Keeps a checkpoint of each record; the newest that is kept of `of`, its count. */
  keepCheckpoints(records: readonly string[], count: number): Promise<void>;
  newestCount(of: string): Promise<number | undefined>;
  /** `ok`, or the code with which a key of the other sort is refused. */
  keepOther(): Promise<string>;
}

const SCALE: Scale = {
  scale: 'sample',
  languages: ['en'],
  levels: [{ id: 'low', names: { en: 'Low' }, marking: 'LOW' }],
  groups: [],
};
export const digestOf = (number: number): string => toBase64Url(new Uint8Array(32).fill(number));

const CLEARANCE: Vouched = {
  certificate: 'of the office',
  statement: { kind: 'clearance', alg: 'ES256', bytes: 'e30', signature: 'c2ln', signer: digestOf(1) },
};

const DEVICES = { person: 'ada', devices: [{ device: 'ada-1', sinceUnixMs: 1 }], issuedUnixMs: 2 };

const publicText = async ({ publicKey }: CryptoKeyPair): Promise<string> =>
  toBase64Url(new Uint8Array(await crypto.subtle.exportKey('spki', publicKey)));

const isWholePair = async ({ privateKey, publicKey }: CryptoKeyPair): Promise<boolean> => {
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  const data = new Uint8Array(8);
  const signature = await crypto.subtle.sign(algorithm, privateKey, data);
  return crypto.subtle.verify(algorithm, publicKey, signature, data);
};

/** `isExtractable`: of the keys that such a store takes. */
export const deviceStoreDriver = (open: () => DeviceStore, isExtractable: boolean): DeviceStoreDriver => {
  const keepPair = async (certificate: string, pair: CryptoKeyPair): Promise<void> =>
    open().keep({
      root: 'the root',
      scale: SCALE,
      certificate,
      clearance: CLEARANCE,
      devices: OWN_DEVICES.schema.parse(DEVICES),
      unseen: OWN_DEVICES.schema.parse(DEVICES).devices.map(({ device }) => device),
      pair,
    });
  return {
    async keep(certificate) {
      const pair = await newKeyPair(isExtractable);
      await keepPair(certificate, pair);
      return publicText(pair);
    },
    async renew(certificate) {
      const kept = await open().load();
      if (kept === undefined) throw new Error('nothing is kept');
      await keepPair(certificate, kept.pair);
    },
    async load() {
      const kept = await open().load();
      if (kept === undefined) return null;
      const { pair, ...rest } = kept;
      return { ...rest, publicKey: await publicText(pair), isWholePair: await isWholePair(pair) };
    },
    async keepCheckpoints(records, count) {
      const store = open();
      for (const record of records) await store.records.keep(checkpointOf(record, count));
    },
    newestCount: async (of) => (await open().records.newestOf(of))?.count,
    async seeLists(numbers) {
      const store = open();
      const seen = numbers.map((number) => ({ number, digest: digestOf(number) }) as unknown as SeenList);
      await Promise.all(seen.map((list) => store.seeList(list)));
    },
    async keepOther() {
      try {
        await keepPair('any', await newKeyPair(!isExtractable));
        return 'ok';
      } catch (error) {
        return error instanceof Error && 'code' in error ? String(error.code) : String(error);
      }
    },
  };
};

const checkpointOf = (record: string, count: number): SignedCheckpoint => ({
  record,
  count,
  hash: 'A'.repeat(43),
  publicKey: 'A'.repeat(59),
  signature: 'A'.repeat(86),
});
