import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { Reserve } from '../reserve.ts';

/**
 * Some two hundred removals, each an act of a few kilobytes and the pages around it: as many as are in before a chair ends
 * the meeting. Every relay pays it once.
 */
const RESERVE_BYTES = 4_194_304;

/**
 * Who may still write when the disk is full. Ordinary writes need the reserve to be held, so that they never use it up; once the
 * disk was found full they wait until there is as much again beside it: what a removal set free is for the next removal.
 */
export class DiskRoom {
  readonly #folder: string;
  readonly #reserve: Reserve;
  #wasFull = false;

  constructor(path: string) {
    this.#folder = dirname(path);
    this.#reserve = new Reserve(`${path}.reserve`, RESERVE_BYTES);
    this.#reserve.hold();
  }

  /** For what can be refused. */
  hasMore(): boolean {
    if (!this.#reserve.hold()) return false;
    this.#wasFull &&= freeBytesOf(this.#folder) < RESERVE_BYTES;
    return !this.#wasFull;
  }

  foundFull(): void {
    this.#wasFull = true;
  }

  /** For what must be written. */
  release(): void {
    this.#reserve.release();
  }
}

const freeBytesOf = (folder: string): number => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
};
