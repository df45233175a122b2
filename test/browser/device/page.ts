import { browserDeviceStore } from '../../../src/client/browser/device-store.ts';
import { readCode } from '../../../src/trust/devices/codes.ts';
import { POSSESSION } from '../../../src/trust/devices/possession.ts';
import { makeDeviceRequest } from '../../../src/trust/signing/device-request.ts';
import { keysOf, newKeyPair } from '../../../src/trust/signing/keys.ts';
import { judgeDeviceCertificate, openPeopleRoot } from '../../../src/trust/signing/people-certificate.ts';
import { signStatement } from '../../../src/trust/signing/statement.ts';
import { deviceStoreDriver } from '../../support/device-store-driver.ts';
import type { DeviceApi } from './api.ts';

const STORE = 'keys';

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const openStore = async (mode: IDBTransactionMode): Promise<IDBObjectStore> => {
  const request = indexedDB.open('device', 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return (await settled(request)).transaction(STORE, mode).objectStore(STORE);
};

const keptKey = async (): Promise<CryptoKeyPair> => settled((await openStore('readonly')).get('own'));

const ROOT = new Uint8Array(32).fill(1);

const api: DeviceApi = {
  store: deviceStoreDriver(() => browserDeviceStore(ROOT, () => Date.now()), false),
  async makeKey() {
    const pair = await newKeyPair(false);
    await settled((await openStore('readwrite')).put(pair, 'own'));
  },
  async request(code) {
    return makeDeviceRequest(await keptKey(), readCode(code));
  },
  async prove(possession) {
    const { signing } = await keysOf(await keptKey());
    return signStatement(POSSESSION, possession, signing);
  },
  async takeOut() {
    const { privateKey } = await keptKey();
    const forms = ['pkcs8', 'jwk', 'raw'] as const;
    const tried = await Promise.allSettled(forms.map((form) => crypto.subtle.exportKey(form, privateKey)));
    return forms.filter((_, i) => tried[i]?.status === 'fulfilled');
  },
  async judge(certificate, rootPem, nowUnixMs) {
    const root = await openPeopleRoot(rootPem);
    if (!root.ok) return root.refusal.code;
    const judged = await judgeDeviceCertificate(certificate, root.value, nowUnixMs);
    return judged.ok ? 'ok' : judged.refusal.code;
  },
};

// The tests' browser waits for a page's `harness`.
Object.assign(window, { device: api, harness: {} });
