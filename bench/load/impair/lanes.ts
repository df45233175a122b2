import { seededRandom } from '../../random.ts';
import { type Impairment, Lane } from './lane.ts';

/** `down`: from the server to its clients. */
export type Way = 'up' | 'down';
export type Impairments = { readonly [Name in Way]?: Impairment };
export type Lanes = { readonly [Name in Way]: Lane };

/** Each way draws from numbers of its own: what comes up does not change what happens down. What is on the way stays ahead. */
export const lanesOf = ({ up = {}, down = {} }: Impairments, seed: number, before?: Lanes): Lanes => {
  const random = seededRandom(seed);
  return {
    up: new Lane(up, seededRandom(random.below(2 ** 32)), before?.up.lastLeavesMs),
    down: new Lane(down, seededRandom(random.below(2 ** 32)), before?.down.lastLeavesMs),
  };
};

/** The share of the first `packets` packets of `way` that will be lost: `lanesOf` has no other luck than its seed. */
export const lossAhead = (impairments: Impairments, seed: number, way: Way, packets: number): number => {
  const lane = lanesOf(impairments, seed)[way];
  for (let i = 0; i < packets; i++) lane.fateOf(0, 0);
  return lane.counts.lost / packets;
};
