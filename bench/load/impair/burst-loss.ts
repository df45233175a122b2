import type { Random } from '../../random.ts';

/**
 * Loss that comes in bursts: two states, a step per packet (Gilbert 1960, Elliott 1963). In the good one nothing is
 * lost. Probabilities from 0 to 1.
 */
export interface BurstModel {
  readonly goodToBad: number;
  readonly badToGood: number;
  /** Of a packet that meets the bad state. */
  readonly lossInBad: number;
}

export interface BurstShape {
  /** Of all packets in the long run; below 1. */
  readonly lossShare: number;
  /** Packets that meet one bad state; at least 1. */
  readonly meanBadPackets: number;
  /** 1 where absent: then a bad state is one gap. */
  readonly lossInBad?: number;
}

/** The bad state has its share of all packets, and its mean length: those two give both ways between the states. */
export const burstModel = ({ lossShare, meanBadPackets, lossInBad = 1 }: BurstShape): BurstModel => {
  const badShare = lossShare / lossInBad;
  const badToGood = 1 / meanBadPackets;
  return { goodToBad: (badToGood * badShare) / (1 - badShare), badToGood, lossInBad };
};

/** Each packet for itself. */
export const randomLoss = (lossShare: number): BurstModel => ({
  goodToBad: lossShare,
  badToGood: 1 - lossShare,
  lossInBad: 1,
});

/** One direction's run through the two states. */
export class BurstLoss {
  readonly #model: BurstModel;
  readonly #random: Random;
  #isBad = false;

  constructor(model: BurstModel, random: Random) {
    this.#model = model;
    this.#random = random;
  }

  /** Moves on by one packet, and says whether it is lost. Draws two numbers each time: runs of one seed stay in step. */
  next(): boolean {
    const { goodToBad, badToGood, lossInBad } = this.#model;
    const moves = this.#random.fraction() < (this.#isBad ? badToGood : goodToBad);
    if (moves) this.#isBad = !this.#isBad;
    return this.#random.fraction() < lossInBad && this.#isBad;
  }
}

/** The share of the first `packets` packets that is lost under this seed's run. */
export const lossShareOf = (model: BurstModel, random: Random, packets: number): number => {
  const loss = new BurstLoss(model, random);
  let lost = 0;
  for (let i = 0; i < packets; i++) if (loss.next()) lost += 1;
  return lost / packets;
};
