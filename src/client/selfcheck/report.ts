/** One source of one participant as another received it, over the window. Counts are of frames. */
export interface StreamReport {
  readonly from: string;
  readonly to: string;
  readonly kind: 'audio' | 'video';
  readonly sent: number;
  /** Opened, and byte for byte what was sent. */
  readonly opened: number;
  /** Opened, and something else. */
  readonly wrong: number;
  /** Dropped because they did not open. */
  readonly refused: number;
  /** Given up because of lost packets. */
  readonly broken: number;
  /** Video: the layers that came before and after the receiver's one wish for another; `undefined` for none at all. */
  readonly layers?: { readonly before: number | undefined; readonly after: number | undefined };
}

export interface Report {
  readonly participants: readonly string[];
  readonly seconds: number;
  readonly streams: readonly StreamReport[];
  /** Refused frames of all participants since they joined, by code. */
  readonly refusedByCode: Readonly<Record<string, number>>;
  /** What went wrong beside the frames: closed meetings, listeners that threw. */
  readonly faults: readonly string[];
}

/** What the relay's keyless view has seen; `undefined` where there was nobody to ask. */
export type Witness = { readonly framesSeen: number; readonly framesInClear: number } | undefined;

export interface Verdict {
  readonly passed: boolean;
  readonly reasons: readonly string[];
}
