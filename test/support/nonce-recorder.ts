import assert from 'node:assert/strict';
import { toHex } from '../../src/base/bytes.ts';
import type { SyncDriver } from '../../src/e2ee/sframe/driver.ts';

/** Wraps a driver, and writes down under which key and nonce anything was ever sealed. */
export class NonceRecorder {
  readonly driver: SyncDriver;
  readonly keys = new Set<string>();
  readonly #onRepeat: () => void;
  #sealed = 0;
  readonly #pairs = new Set<string>();

  constructor(inner: SyncDriver, onRepeat = (): void => {}) {
    this.#onRepeat = onRepeat;
    this.driver = {
      ...inner,
      aead: (suite, key) => {
        const aead = inner.aead(suite, key);
        const keyText = toHex(key);
        return {
          open: (nonce, aad, sealed) => aead.open(nonce, aad, sealed),
          seal: (nonce, aad, plaintext, out, at) => {
            this.#record(keyText, toHex(nonce));
            aead.seal(nonce, aad, plaintext, out, at);
          },
        };
      },
    };
  }

  get sealed(): number {
    return this.#sealed;
  }

  /** How often a pair came that had come before. */
  get repeats(): number {
    return this.#sealed - this.#pairs.size;
  }

  #record(key: string, nonce: string): void {
    this.#sealed += 1;
    this.keys.add(key);
    const pair = `${key} ${nonce}`;
    if (this.#pairs.has(pair)) this.#onRepeat();
    this.#pairs.add(pair);
  }
}

/** For all that a test seals, whatever it is about: fails where a key and nonce come together a second time. */
export const onceOnly = (inner: SyncDriver): SyncDriver =>
  new NonceRecorder(inner, () => assert.fail('something is sealed under a key and nonce of before')).driver;
