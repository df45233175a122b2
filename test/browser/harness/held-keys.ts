import type { KeyPort } from '../../../src/e2ee/frame-keys.ts';

/** A key port whose keys can be held back for a while, as a slow delivery of keys would. */
export class HeldKeys implements KeyPort {
  readonly #keys: KeyPort;
  #held: (() => void)[] | undefined;

  constructor(keys: KeyPort, isHolding: boolean) {
    this.#keys = keys;
    this.#held = isHolding ? [] : undefined;
  }

  useOwnKey: KeyPort['useOwnKey'] = (...own) => this.#keys.useOwnKey(...own);
  addSender: KeyPort['addSender'] = (...sender) => this.#keys.addSender(...sender);
  removeSender: KeyPort['removeSender'] = (number) => this.#keys.removeSender(number);

  /** The caller wipes the key that it gave. */
  openUnder: KeyPort['openUnder'] = (epoch, baseKey, leaves) => {
    const kept = baseKey.slice();
    this.#inTurn(() => this.#keys.openUnder(epoch, kept, leaves));
  };
  sealUnder: KeyPort['sealUnder'] = (...sealed) => this.#inTurn(() => this.#keys.sealUnder(...sealed));
  stopSealing: KeyPort['stopSealing'] = () => this.#inTurn(() => this.#keys.stopSealing());
  forget: KeyPort['forget'] = (epoch) => this.#inTurn(() => this.#keys.forget(epoch));

  /** From now on all that is new waits. */
  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const hand of held) hand();
  }

  #inTurn(hand: () => void): void {
    if (this.#held === undefined) hand();
    else this.#held.push(hand);
  }
}
