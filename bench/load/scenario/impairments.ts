import { z } from 'zod';
import { burstModel, randomLoss } from '../impair/burst-loss.ts';
import type { Impairment } from '../impair/lane.ts';
import type { Impairments } from '../impair/lanes.ts';

const BITS_PER_BYTE = 8;

const burst = z.strictObject({
  share: z.number().min(0).max(0.9),
  /** Packets of one bad spell; 1 or absent: each packet is lost for itself. */
  meanPackets: z.number().min(1).max(1_000).optional(),
});

/** One direction of every participant's path; what is absent does nothing. */
export const way = z.strictObject({
  loss: burst.optional(),
  delayMs: z.number().min(0).max(10_000).optional(),
  jitterMs: z.number().min(0).max(10_000).optional(),
  reorder: z.strictObject({ share: z.number().min(0).max(1), byMs: z.number().gt(0).max(10_000) }).optional(),
  bottleneck: z
    .strictObject({ kbitPerSecond: z.number().gt(0).max(10_000_000), queueMs: z.number().gt(0).max(10_000) })
    .optional(),
});
type Way = z.infer<typeof way>;

/** What a scenario says of one direction, in the terms of the impaired path; `undefined` where nothing can be like that. */
const asImpairment = ({ loss, bottleneck, ...rest }: Way): Impairment | undefined => {
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

export const isPossible = (one: Way): boolean => asImpairment(one) !== undefined;

interface Ways {
  readonly up?: Way | undefined;
  readonly down?: Way | undefined;
}

export const impairmentsOf = ({ up = {}, down = {} }: Ways): Impairments => ({
  up: asImpairment(up) ?? {},
  down: asImpairment(down) ?? {},
});
