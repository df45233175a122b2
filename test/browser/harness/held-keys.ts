import type { KeyPort } from '../../../src/e2ee/frame-keys.ts';

/** A key port whose keys of others can be held back for a while, as a slow delivery of keys would. */
export class HeldKeys implements KeyPort {
  readonly #keys: KeyPort;
  #held: (() => void)[] | undefined;

  constructor(keys: KeyPort, isHolding: boolean) {
    this.#keys = keys;
    this.#held = isHolding ? [] : undefined;
  }

  useOwnKey(number: number, baseKey: Uint8Array) {
    return this.#keys.useOwnKey(number, baseKey);
  }

  addSender(number: number, baseKey: Uint8Array) {
    if (this.#held === undefined) return this.#keys.addSender(number, baseKey);
    this.#held.push(() => this.#keys.addSender(number, baseKey));
    return { ok: true, value: undefined } as const;
  }

  removeSender(number: number): void {
    this.#keys.removeSender(number);
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const add of held) add();
  }
}
