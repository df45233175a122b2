/** A meeting's devices twice over, at a kilobyte each; the office's under every clearance is always among them. */
const MAX_KEPT = 1_024;

/**
 * What was found of texts that never change, such as certificates, where finding it takes milliseconds: what it means now is
 * judged each time. Whoever asks while it is being found waits for the same answer.
 */
export class Memo<T> {
  /** By the whole text, the one that was asked for longest ago first. */
  readonly #kept = new Map<string, Promise<T>>();
  readonly #isWorth: (found: T) => boolean;

  /** `isWorth`: whether what was found is kept. What cannot be found never is. */
  constructor(isWorth: (found: T) => boolean = () => true) {
    this.#isWorth = isWorth;
  }

  read(text: string, find: () => Promise<T>): Promise<T> {
    const found = this.#kept.get(text) ?? this.#begin(text, find);
    this.#kept.delete(text);
    this.#kept.set(text, found);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return found;
  }

  #begin(text: string, find: () => Promise<T>): Promise<T> {
    const finding = find();
    const forget = () => {
      if (this.#kept.get(text) === finding) this.#kept.delete(text);
    };
    finding.then((found) => this.#isWorth(found) || forget(), forget);
    return finding;
  }
}
