import type { CostSamples, JoinTimes } from '../../../../bench/browser/page/api.ts';
import { COST_SUBJECTS } from '../../../../bench/browser/page/api.ts';
import type { Freezes, Pair } from '../../../../bench/browser/pairs.ts';
import { LOSSES, type Round, type Stretch } from '../../../../bench/browser/rounds.ts';

const CLEAN: Stretch = {
  ms: 2_000,
  framesDecoded: 40,
  freezes: 0,
  frozenMs: 0,
  concealedShare: 0,
  soundWaitsMs: 60,
  keyFrames: 0,
  nacks: 0,
  resent: 0,
};

/** A round as a quiet machine gives it, with so many freezes. */
export const sampleRound = (freezes: number, changes: Partial<Round> = {}): Round => ({
  clean: CLEAN,
  lossy: { ...CLEAN, ms: 20_000, framesDecoded: 380, freezes, frozenMs: 300 * freezes, concealedShare: 0.04 },
  packets: 2_000,
  lost: 100,
  refusedFrames: {},
  problems: [],
  ...changes,
});

/** Pairs by the freezes of their sealed and their unsealed round. */
export const sampleFreezes = (...freezes: readonly (readonly [number, number])[]): Freezes => ({
  losses: LOSSES,
  pairs: freezes.map(
    ([sealed, unsealed]): Pair => ({ sealed: sampleRound(sealed), unsealed: sampleRound(unsealed) }),
  ),
  lost: [],
  repeated: 0,
  missing: 0,
});

const SIZES = [100, 1024, 5 * 1024, 30 * 1024, 100 * 1024];

export const sampleCosts = (bareAgainUs = 10): CostSamples[] =>
  SIZES.flatMap((size) =>
    COST_SUBJECTS.map((subject) => ({
      size,
      subject,
      samplesUs: [subject === 'bare' ? 10 : subject === 'bare again' ? bareAgainUs : 20],
    })),
  );

export const sampleJoins: readonly JoinTimes[] = [
  { enteredMs: 100, connectedMs: 200, firstFrameMs: 250 },
  { enteredMs: 120, connectedMs: 220, firstFrameMs: 300 },
];
