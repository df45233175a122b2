import type { MeetingContext } from '../../../src/e2ee/mls/port.ts';
import type { MlsSuite } from '../../../src/e2ee/mls/suites.ts';
import type { Possession } from '../../../src/trust/devices/possession.ts';
import type { Envelope } from '../../../src/trust/statement/statement.ts';
import type { DeviceStoreDriver } from '../../support/device-store-driver.ts';

/** What the test asks of the page: plain data in and out, the key stays in there. */
export interface DeviceApi {
  /** Makes a key and keeps it in the browser's database. */
  makeKey(): Promise<void>;
  /** Below, the key is taken from the database each time. */
  request(code: string): Promise<Envelope>;
  prove(possession: Possession): Promise<Envelope>;
  /** Tries every form in which a key could be taken out; answers those that worked. */
  takeOut(): Promise<string[]>;
  /** A place in this browser's database, for the contract's suite. */
  readonly store: DeviceStoreDriver;
  /** With the kept key, in a worker: the key package of a leaf with this chain. Bytes are in hexadecimal digits. */
  enterGroup(suite: MlsSuite, chain: readonly string[]): Promise<string>;
  /** Answers what everybody of the epoch has alike, and what a next commit by others makes of it. */
  joinGroup(welcome: string, tree: string, context: HexContext): Promise<EpochOfPage>;
  followGroup(commit: string): Promise<EpochOfPage>;
  /** `ok` or the code of the refusal, by the code that the relay runs too. */
  judge(certificate: string, root: string, nowUnixMs: number): Promise<string>;
}

export type HexContext = Omit<MeetingContext, 'charterHash'> & { readonly charterHash: string };
export interface EpochOfPage {
  readonly digits: string;
  readonly baseKey: string;
  /** Of everybody: the first certificate's. */
  readonly members: readonly string[];
}

declare global {
  interface Window {
    device: DeviceApi;
  }
}
