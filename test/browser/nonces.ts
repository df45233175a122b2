import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

const WATCHED = 'what is sealed here is watched';
const REPEATED = 'sealed under a key and nonce of before';

/** Runs in the sealing worker: WebCrypto there notes under which key and nonce it ever sealed, by the key's own bytes. */
const noteNonces = ([watched, repeated]: readonly [string, string]): void => {
  if (self.name !== 'belfry-transform') return;
  const { importKey, encrypt } = SubtleCrypto.prototype;
  const textOf = (bytes: unknown): string =>
    bytes instanceof Uint8Array || bytes instanceof ArrayBuffer ? new Uint8Array(bytes).join() : '';
  const keys = new WeakMap<object, string>();
  const pairs = new Set<string>();
  const note = (pair: string): void => {
    if (pairs.size === 0) console.info(watched);
    if (pairs.has(pair)) console.error(repeated);
    pairs.add(pair);
  };
  Object.assign(SubtleCrypto.prototype, {
    async importKey(...given: readonly unknown[]): Promise<CryptoKey> {
      const key: CryptoKey = await Reflect.apply(importKey, this, given);
      keys.set(key, textOf(given[1]));
      return key;
    },
    encrypt(...given: readonly [AesGcmParams, CryptoKey, Uint8Array]): Promise<ArrayBuffer> {
      const [{ name, iv }, key] = given;
      const keyText = keys.get(key);
      if (name === 'AES-GCM' && keyText !== undefined) note(`${keyText} ${textOf(iv)}`);
      return Reflect.apply(encrypt, this, given);
    },
  });
};

/** From now on the page's console says what `assertOnceOnly` looks for. */
export const watchNonces = (page: Page): void => {
  page.on('worker', (worker) => {
    // A worker that is gone already seals nothing.
    worker.evaluate(noteNonces, [WATCHED, REPEATED] as const).catch(() => {});
  });
};

/** Of the consoles of all pages of a test: something was watched, and nothing sealed under a key and nonce of before. */
export const assertOnceOnly = (consoles: readonly (readonly string[])[]): void => {
  const lines = consoles.flat();
  assert.ok(lines.includes(WATCHED), 'what browsers seal is watched');
  assert.equal(lines.includes(REPEATED), false, `something is ${REPEATED}`);
};
