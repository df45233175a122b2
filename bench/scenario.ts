import type { Row } from './result.ts';

export interface BenchOptions {
  /** Less exact, in under a minute. */
  readonly quick: boolean;
  /** The same inputs in the same order for the same seed. */
  readonly seed: number;
}

export interface Measured {
  readonly rows: readonly Row[];
  readonly valid: boolean;
  /** Why the run may not be quoted; `null` where it may. */
  readonly why: string | null;
  /** What the scenario wants said below the table, a line each. */
  readonly notes: readonly string[];
  /** The run as a picture (SVG), written beside the result; absent where there is none. */
  readonly drawing?: string;
}

export interface Scenario {
  /** One line for `--help`. */
  readonly summary: string;
  run(options: BenchOptions): Promise<Measured>;
}
