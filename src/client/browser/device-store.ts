import { type Bytes, toHex } from '../../base/bytes.ts';
import { BelfryError } from '../../base/errors.ts';
import type { SeenList } from '../../trust/revocation/list.ts';
import { type DeviceStore, type KeptDevice, newerOf } from '../people/device-store.ts';

const DATABASE = 'belfry';
const VERSION = 1;
/** Of each root one device, and beside it the newest list seen. */
const STORES = { devices: 'devices', seen: 'seen-lists' } as const;
type StoreName = (typeof STORES)[keyof typeof STORES];

/**
 * This browser's device under one people's root (`sha256` of its certificate), in IndexedDB. The key is kept as an
 * object of the browser's own: no program can take it out (Web Cryptography API, section 13).
 */
export const browserDeviceStore = (sha256: Bytes): DeviceStore => {
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
    // One transaction reads and writes, so that another page of this browser cannot come between.
    async seeList(seen) {
      await inTransaction('readwrite', async (of) => {
        const kept = await settled<SeenList | undefined>(of(STORES.seen).get(root));
        await settled(of(STORES.seen).put(newerOf(kept, seen), root));
      });
    },
  };
};

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const openDatabase = (): Promise<IDBDatabase> => {
  const request = indexedDB.open(DATABASE, VERSION);
  request.onupgradeneeded = () => {
    for (const name of Object.values(STORES)) request.result.createObjectStore(name);
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
