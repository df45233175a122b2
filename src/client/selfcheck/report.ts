import type { Suite } from '../../trust/charter/charter.ts';

/** One source of one participant as another received it, over the window. Counts are of frames. */
export interface StreamReport {
  readonly from: string;
  readonly to: string;
  readonly kind: 'audio' | 'video';
  readonly sent: number;
  /** What the clip's rate makes of the window: a busy machine skips some of it. */
  readonly due: number;
  /** Opened, and byte for byte what was sent. */
  readonly opened: number;
  /** Opened, and something else. */
  readonly wrong: number;
  /** Dropped because they did not open. */
  readonly refused: number;
  /** Given up because of lost packets. */
  readonly broken: number;
  /** Video: the layers that came, each under a key of its own, in the order of their first frames; and how many there are. */
  readonly layers?: { readonly visited: readonly number[]; readonly of: number };
}

/** What one participant's sealed frames looked like on their way out, since it joined. */
export interface SealingReport {
  readonly name: string;
  /** Frames looked at: a sample. */
  readonly looked: number;
  /** How many of them had which fault. */
  readonly faults: Readonly<Record<string, number>>;
}

export interface Joined {
  readonly name: string;
  /** From being in to seeing and hearing all others, and being seen and heard by them. */
  readonly afterMs: number;
  readonly epoch: number;
}

export interface Removed {
  readonly name: string;
  /** Sealed by the others since the order to remove, and tried with every key that the removed one ever had. */
  readonly framesTried: number;
  readonly framesOpened: number;
  /** Of the last frame that it could open, since the order; `undefined`: of none. */
  readonly lastOpenedMs: number | undefined;
  /** Sealed later than that. */
  readonly framesAfter: number;
}

export interface Changes {
  readonly joined: Joined;
  readonly removed: Removed;
}

export interface Report {
  readonly participants: readonly string[];
  /** How their group agreed on keys, by the charters that they checked: one, as no device joins a group of another suite. */
  readonly suites: readonly Suite[];
  readonly seconds: number;
  readonly streams: readonly StreamReport[];
  /** Refused frames of all participants since they joined, by code. */
  readonly refusedByCode: Readonly<Record<string, number>>;
  readonly sealing: readonly SealingReport[];
  /** Somebody came and somebody was removed; absent where nobody may order that. */
  readonly changes?: Changes | undefined;
  /** What went wrong beside the frames: closed meetings, listeners that threw. */
  readonly faults: readonly string[];
}

/** What the relay's keyless view has seen; `undefined` where there was nobody to ask. */
export type Witness = { readonly framesSeen: number; readonly framesInClear: number } | undefined;

export interface Verdict {
  readonly passed: boolean;
  readonly reasons: readonly string[];
}
