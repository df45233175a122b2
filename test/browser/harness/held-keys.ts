import type { KeyPort } from '../../../src/e2ee/frame-keys.ts';

/** A key port whose keys of others can be held back for a while, as a slow delivery of keys would. */
export class HeldKeys implements KeyPort {
  readonly #keys: KeyPort;
  #held: (() => void)[] | undefined;
  readonly #senders = new Map<number, Uint8Array>();

  constructor(keys: KeyPort, isHolding: boolean) {
    this.#keys = keys;
    this.#held = isHolding ? [] : undefined;
  }

  useOwnKey(number: number, baseKey: Uint8Array) {
    return this.#keys.useOwnKey(number, baseKey);
  }

  addSender(number: number, baseKey: Uint8Array) {
    this.#senders.set(number, baseKey.slice());
    if (this.#held === undefined) return this.#keys.addSender(number, baseKey);
    this.#held.push(() => this.#keys.addSender(number, baseKey));
    return { ok: true, value: undefined } as const;
  }

  /** Forgets the others' keys, which come back with `release`. */
  drop(): void {
    this.#held = [...this.#senders].map(([number, baseKey]) => {
      this.#keys.removeSender(number);
      return () => this.#keys.addSender(number, baseKey.slice());
    });
  }

  removeSender(number: number): void {
    this.#senders.delete(number);
    this.#keys.removeSender(number);
  }

  openUnder: KeyPort['openUnder'] = (...opened) => this.#keys.openUnder(...opened);
  sealUnder: KeyPort['sealUnder'] = (...sealed) => this.#keys.sealUnder(...sealed);
  stopSealing: KeyPort['stopSealing'] = () => this.#keys.stopSealing();
  forget: KeyPort['forget'] = (epoch) => this.#keys.forget(epoch);

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const add of held) add();
  }
}
