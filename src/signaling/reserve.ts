import { closeSync, fstatSync, openSync, rmSync, writeSync } from 'node:fs';

/** For the owner alone. */
const MODE = 0o600;

/**
 * Room on a disk that is kept for what must be written also when there is no more: an open file that no folder names any more. It is
 * given back when it is closed, and by the kernel when this process is killed.
 */
export class Reserve {
  readonly #path: string;
  readonly #bytes: number;
  #file: number | undefined;

  constructor(path: string, bytes: number) {
    this.#path = path;
    this.#bytes = bytes;
  }

  /** From now on or still; `false` where there is no room for it. */
  hold(): boolean {
    this.#file ??= this.#take();
    return this.#file !== undefined;
  }

  release(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #take(): number | undefined {
    let file: number | undefined;
    try {
      file = openSync(this.#path, 'w', MODE);
      rmSync(this.#path);
      fill(file, this.#bytes);
      return file;
    } catch {
      if (file !== undefined) closeSync(file);
      return undefined;
    }
  }
}

/** Bytes, not a hole: a hole takes no room. */
const fill = (file: number, bytes: number): void => {
  while (fstatSync(file).size < bytes) writeSync(file, Buffer.alloc(bytes - fstatSync(file).size, 0xff));
};
