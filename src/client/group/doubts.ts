import { PATIENCE_MS } from './limits.ts';

export type DoubtCode =
  /** The commit that the service took is not valid here, and most members did not say so. */
  | 'group.outvoted'
  /** Others are in a later epoch, and what led there does not come. */
  | 'group.behind'
  /** Others are in an epoch of the same number that is another one. */
  | 'group.fork';

export const DOUBTS: Readonly<Record<DoubtCode, string>> = {
  'group.outvoted': 'the others took a commit that is not valid here',
  'group.behind': 'the others are in a later epoch, and the commit that led there is kept back',
  'group.fork': 'others are in another epoch of the same number',
};

/** Signs that this device has lost the group, and since when: most go by themselves, those that stay end in entering anew. */
export class Doubts {
  readonly #sinceMs = new Map<DoubtCode, number>();

  /** `true` where it is new. */
  note(code: DoubtCode, nowMs: number): boolean {
    if (this.#sinceMs.has(code)) return false;
    this.#sinceMs.set(code, nowMs);
    return true;
  }

  has(code: DoubtCode): boolean {
    return this.#sinceMs.has(code);
  }

  certain(nowMs: number): DoubtCode | undefined {
    return [...this.#sinceMs].find(([, sinceMs]) => nowMs - sinceMs >= PATIENCE_MS)?.[0];
  }

  drop(code: DoubtCode): void {
    this.#sinceMs.delete(code);
  }

  clear(): void {
    this.#sinceMs.clear();
  }
}
