import { type Bytes, toHex } from '../../base/bytes.ts';
import { BelfryError } from '../../base/errors.ts';
import type { SignedCheckpoint } from '../../trust/record/checkpoint.ts';
import type { SeenList } from '../../trust/revocation/list.ts';
import { type DeviceStore, type KeptDevice, MAX_RECORDS, newerOf } from '../people/device-store.ts';

const DATABASE = 'belfry';
const VERSION = 2;
/** Of each root one device, and beside it the newest list seen; of each record the newest checkpoint. */
const STORES = { devices: 'devices', seen: 'seen-lists', checkpoints: 'checkpoints' } as const;
type StoreName = (typeof STORES)[keyof typeof STORES];

/**
 * This browser's device under one people's root (`sha256` of its certificate), in IndexedDB. The key is kept as an
 * object of the browser's own: no program can take it out (Web Cryptography API, section 13).
 */
export const browserDeviceStore = (sha256: Bytes, unixMs: () => number): DeviceStore => {
  const root = toHex(sha256);
  return {
    async load() {
      return inTransaction('readonly', async (of) => {
        const device = await settled<KeptDevice | undefined>(of(STORES.devices).get(root));
        const seen = await settled<SeenList | undefined>(of(STORES.seen).get(root));
        return device && { ...device, seen };
      });
    },
    async keep(device) {
      if (device.pair.privateKey.extractable)
        throw new BelfryError('device.key-loose', 'a key that can be taken out is not kept in a browser');
      await inTransaction('readwrite', (of) => settled(of(STORES.devices).put(device, root)));
    },
    records: {
      newestOf: (record) =>
        inTransaction(
          'readonly',
          async (of) => (await settled<Kept | undefined>(of(STORES.checkpoints).get(record)))?.checkpoint,
        ),
      keep: (checkpoint) =>
        inTransaction('readwrite', async (of) => {
          const store = of(STORES.checkpoints);
          const kept = { checkpoint, atUnixMs: unixMs() };
          await settled(store.put(kept, checkpoint.record));
          if ((await settled(store.count())) > MAX_RECORDS) await forgetOldest(store);
        }),
    },
    // One transaction reads and writes, so that another page of this browser cannot come between.
    async seeList(seen) {
      await inTransaction('readwrite', async (of) => {
        const kept = await settled<SeenList | undefined>(of(STORES.seen).get(root));
        await settled(of(STORES.seen).put(newerOf(kept, seen), root));
      });
    },
  };
};

interface Kept {
  readonly checkpoint: SignedCheckpoint;
  /** When it was kept. */
  readonly atUnixMs: number;
}

const forgetOldest = async (store: IDBObjectStore): Promise<void> => {
  const [all, keys] = [await settled<Kept[]>(store.getAll()), await settled(store.getAllKeys())];
  const times = all.map(({ atUnixMs }) => atUnixMs);
  const oldest = keys[times.indexOf(Math.min(...times))];
  if (oldest !== undefined) await settled(store.delete(oldest));
};

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const openDatabase = (): Promise<IDBDatabase> => {
  const request = indexedDB.open(DATABASE, VERSION);
  request.onupgradeneeded = () => {
    const there = request.result.objectStoreNames;
    for (const name of Object.values(STORES))
      if (!there.contains(name)) request.result.createObjectStore(name);
  };
  return settled(request);
};

/** Settles when all of it is on disk. `work` waits for nothing but its own requests: else the transaction ends. */
const inTransaction = async <T>(
  mode: IDBTransactionMode,
  work: (of: (name: StoreName) => IDBObjectStore) => Promise<T>,
): Promise<T> => {
  const database = await openDatabase();
  try {
    const transaction = database.transaction(Object.values(STORES), mode, { durability: 'strict' });
    const ended = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    const [value] = await Promise.all([work((name) => transaction.objectStore(name)), ended]);
    return value;
  } finally {
    database.close();
  }
};
