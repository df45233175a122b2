import type { Store } from '../../src/signaling/ports.ts';
import type { StoreLimits } from '../../src/signaling/store/limits.ts';
import { FakeDisk, FakeStore } from './fake-store.ts';
import { newStoreFolder } from './store-folder.ts';

/** Where a store keeps what it keeps: opened again, it is all there. */
export interface StoreRig {
  open(limits?: Partial<StoreLimits>): Store;
  end(): void;
}

export interface StoreKind {
  readonly name: string;
  readonly newRig: () => StoreRig;
}

export const newFakeRig = (): StoreRig => {
  const disk = new FakeDisk();
  return { open: (limits) => new FakeStore(disk, limits), end: () => {} };
};

/** What holds for one must hold for the other: suites run on both. */
export const STORE_KINDS: readonly StoreKind[] = [
  { name: 'in memory', newRig: newFakeRig },
  { name: 'in a file', newRig: newStoreFolder },
];
