import { burstModel, randomLoss } from '../impair/burst-loss.ts';
import type { Impairment } from '../impair/lane.ts';
import type { Impairments } from '../impair/lanes.ts';
import type { Fault, Way } from './schema.ts';

const BITS_PER_BYTE = 8;

/** What a scenario says of one direction, in the terms of the impaired path; `undefined` where nothing can be like that. */
export const asImpairment = ({ loss, bottleneck, ...rest }: Way): Impairment | undefined => {
  const model = loss && lossModel(loss);
  if (model !== undefined && !(model.goodToBad >= 0 && model.goodToBad <= 1)) return undefined;
  return {
    ...withoutGaps(rest),
    ...(model && { loss: model }),
    ...(bottleneck && {
      bottleneck: {
        rateBps: bottleneck.kbitPerSecond * 1_000,
        queueBytes: (bottleneck.kbitPerSecond * bottleneck.queueMs) / BITS_PER_BYTE,
      },
    }),
  };
};

const lossModel = ({ share, meanPackets = 1 }: NonNullable<Way['loss']>) =>
  meanPackets === 1 ? randomLoss(share) : burstModel({ lossShare: share, meanBadPackets: meanPackets });

/** The same without fields that are there and say nothing. */
const withoutGaps = ({ delayMs, jitterMs, reorder }: Omit<Way, 'loss' | 'bottleneck'>): Impairment => ({
  ...(delayMs !== undefined && { delayMs }),
  ...(jitterMs !== undefined && { jitterMs }),
  ...(reorder !== undefined && { reorder }),
});

export const impairmentsOf = ({ up = {}, down = {} }: Extract<Fault, { kind: 'impair' }>): Impairments => ({
  up: asImpairment(up) ?? {},
  down: asImpairment(down) ?? {},
});
