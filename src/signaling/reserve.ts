import { rmSync, writeFileSync } from 'node:fs';

/** For the owner alone. */
const MODE = 0o600;

/** Room on a disk that is kept for what must be written also when there is no more: a file that is removed then. */
export class Reserve {
  readonly #path: string;
  readonly #bytes: number;
  #isHeld = false;

  constructor(path: string, bytes: number) {
    this.#path = path;
    this.#bytes = bytes;
  }

  /** From now on or still; `false` where there is no room for it. */
  hold(): boolean {
    this.#isHeld ||= this.#tryToHold();
    return this.#isHeld;
  }

  release(): void {
    rmSync(this.#path, { force: true });
    this.#isHeld = false;
  }

  /** Bytes, not a hole: a hole takes no room. */
  #tryToHold(): boolean {
    try {
      writeFileSync(this.#path, Buffer.alloc(this.#bytes, 0xff), { mode: MODE });
      return true;
    } catch {
      rmSync(this.#path, { force: true });
      return false;
    }
  }
}
