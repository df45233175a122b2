import { messageOf } from '../../src/base/errors.ts';
import type { Random } from '../random.ts';
import type { Sealing } from './page/api.ts';
import { playRound, type Round, seedNear } from './rounds.ts';
import type { Theatre } from './theatre.ts';

/*
 * Sealed against unsealed under bursts of loss. Unsealed is the same page, media stack and relay with no transform at
 * all: neither cipher nor header nor the worker that frames pass through. That is more than sealing costs by itself, so
 * what is found bounds it. Rounds come in pairs, sealed and unsealed in turn first, each pair under one seed's losses.
 */

const PAIRS = {
  full: { pairs: 12, settleMs: 4_000, cleanMs: 2_000, lossyMs: 20_000 },
  quick: { pairs: 1, settleMs: 2_000, cleanMs: 1_000, lossyMs: 6_000 },
} as const;
const MS_PER_S = 1_000;

export interface Pair {
  readonly sealed: Round;
  readonly unsealed: Round;
}

export interface Freezes {
  readonly pairs: readonly Pair[];
  /** What broke off pairs that are not among them. */
  readonly lost: readonly string[];
}

export type Arm = keyof Pair;

/** Even turns begin with the sealed round, odd ones with the other. */
const playPair = async (turn: number, play: (sealing: Sealing) => Promise<Round>): Promise<Pair> => {
  if (turn % 2 === 0) {
    const sealed = await play('sealed');
    return { sealed, unsealed: await play('in-clear') };
  }
  const unsealed = await play('in-clear');
  return { sealed: await play('sealed'), unsealed };
};

export const measureFreezes = async (theatre: Theatre, quick: boolean, random: Random): Promise<Freezes> => {
  const { pairs: wanted, ...times } = quick ? PAIRS.quick : PAIRS.full;
  const lossySeconds = times.lossyMs / MS_PER_S;
  const link = await theatre.startRelay('--unwitnessed');
  const pairs: Pair[] = [];
  const lost: string[] = [];
  for (let turn = 0; turn < wanted; turn++) {
    console.error(`pair ${turn + 1} of ${wanted}, sealed and unsealed, ${lossySeconds} s of loss each`);
    const seed = seedNear(random, lossySeconds);
    try {
      pairs.push(await playPair(turn, (sealing) => playRound(theatre, { ...times, sealing, link, seed })));
    } catch (error) {
      lost.push(messageOf(error));
    }
  }
  return { pairs, lost };
};
