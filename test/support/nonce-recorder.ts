import { toHex } from '../../src/base/bytes.ts';
import type { SyncDriver } from '../../src/e2ee/sframe/driver.ts';

/** Wraps a driver, and writes down under which key and nonce anything was ever sealed. */
export class NonceRecorder {
  readonly driver: SyncDriver;
  readonly keys = new Set<string>();
  #sealed = 0;
  readonly #pairs = new Set<string>();

  constructor(inner: SyncDriver) {
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
    this.#pairs.add(`${key} ${nonce}`);
  }
}
