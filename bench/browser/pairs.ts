import { BelfryError, messageOf } from '../../src/base/errors.ts';
import type { Random } from '../random.ts';
import type { Sealing } from './page/api.ts';
import { isTooSlow, LOSSES, type Losses, playRound, type Round, seedNear, TOO_SLOW } from './rounds.ts';
import type { Theatre } from './theatre.ts';

/*
 * Sealed against unsealed under bursts of loss. Unsealed is the same page, media stack and relay with no transform at
 * all: neither cipher nor header nor the worker that frames pass through. That is more than sealing costs by itself, so
 * what is found bounds it.
 *
 * Both rounds of a pair are played at the same time, under one seed's losses. How much of what was lost comes again in
 * time depends on the receiver's playout delay, which a single hiccup of the machine raises for half a minute: rounds
 * one after another differ by those far more than by anything else.
 */

export interface PairsPlan {
  readonly pairs: number;
  readonly settleMs: number;
  readonly cleanMs: number;
  readonly lossyMs: number;
  /** Of pairs that are played anew. A machine that is slow more often gives no figures. */
  readonly mostRepeated: number;
  readonly losses: Losses;
}

const PAIRS: { readonly [Form in 'full' | 'quick']: PairsPlan } = {
  full: { pairs: 20, settleMs: 6_000, cleanMs: 2_000, lossyMs: 20_000, mostRepeated: 12, losses: LOSSES },
  quick: { pairs: 1, settleMs: 2_000, cleanMs: 1_000, lossyMs: 6_000, mostRepeated: 2, losses: LOSSES },
};
const MS_PER_S = 1_000;

export interface Pair {
  readonly sealed: Round;
  readonly unsealed: Round;
}

export interface Freezes {
  readonly losses: Losses;
  readonly pairs: readonly Pair[];
  /** What broke off pairs that are not among them. */
  readonly lost: readonly string[];
  /** Pairs that were given up before their losses, and played anew: the machine was too slow. */
  readonly repeated: number;
  /** Pairs that were not played, since others were too often. */
  readonly missing: number;
}

export type Arm = keyof Pair;
const SEALING: { readonly [Name in Arm]: Sealing } = { sealed: 'sealed', unsealed: 'in-clear' };

/** Both rounds at once, each in a meeting of its own; who begins alternates. A round that fails waits for the other. */
const playPair = async (turn: number, play: (sealing: Sealing) => Promise<Round>): Promise<Pair> => {
  const order: readonly Arm[] = turn % 2 === 0 ? ['sealed', 'unsealed'] : ['unsealed', 'sealed'];
  const playing = new Map(order.map((arm) => [arm, play(SEALING[arm])]));
  await Promise.allSettled(playing.values());
  const [sealed, unsealed] = await Promise.all([playing.get('sealed'), playing.get('unsealed')]);
  if (sealed === undefined || unsealed === undefined)
    throw new BelfryError('bug.pair', 'a pair has two rounds');
  return { sealed, unsealed };
};

export const measureFreezes = (theatre: Theatre, quick: boolean, random: Random): Promise<Freezes> =>
  measurePairs(theatre, quick ? PAIRS.quick : PAIRS.full, random);

export const measurePairs = async (theatre: Theatre, plan: PairsPlan, random: Random): Promise<Freezes> => {
  const { pairs: wanted, mostRepeated, ...times } = plan;
  const lossySeconds = times.lossyMs / MS_PER_S;
  const [first, second] = await theatre.startRelay('--unwitnessed');
  const linkOf = (sealing: Sealing): string => (sealing === 'sealed' ? first : second);
  const pairs: Pair[] = [];
  const lost: string[] = [];
  let repeated = 0;
  while (pairs.length + lost.length < wanted && repeated <= mostRepeated) {
    const turn = pairs.length + lost.length;
    console.error(`pair ${turn + 1} of ${wanted}, sealed and unsealed at once, ${lossySeconds} s of loss`);
    const seed = seedNear(random, lossySeconds, plan.losses);
    try {
      pairs.push(
        await playPair(turn, (sealing) =>
          playRound(theatre, { ...times, isTooSlow, sealing, link: linkOf(sealing), seed }),
        ),
      );
    } catch (error) {
      if (error instanceof BelfryError && error.code === TOO_SLOW) repeated += 1;
      else lost.push(messageOf(error));
    }
  }
  return { losses: plan.losses, pairs, lost, repeated, missing: wanted - pairs.length - lost.length };
};
