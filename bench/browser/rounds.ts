import { setTimeout as sleep } from 'node:timers/promises';
import { BelfryError } from '../../src/base/errors.ts';
import { burstModel } from '../load/impair/burst-loss.ts';
import { type ImpairedPath, openImpairedPath } from '../load/impair/impaired-path.ts';
import { type Impairments, lossAhead } from '../load/impair/lanes.ts';
import type { Random } from '../random.ts';
import { CAMERA, type Received, type Sealing } from './page/api.ts';
import type { Person, Theatre } from './theatre.ts';

/*
 * One round: a fresh sender and a fresh receiver meet through the relay; the receiver's path is delayed from the start,
 * and loses packets on their way down once the picture has gone on for a while.
 */

/** What is lost on the way to the receiver, in bursts. */
export interface Losses {
  /** Of all packets. */
  readonly share: number;
  readonly meanBurstPackets: number;
}

/** About 100 ms of the media's packets: long enough for some bursts to outlast what retransmission mends unseen. */
export const LOSSES: Losses = { share: 0.05, meanBurstPackets: 10 };
/** Each way: a retransmission takes twice this, as between two sites of one country. */
const DELAY_MS = 30;

const CLEAN: Impairments = { up: { delayMs: DELAY_MS }, down: { delayMs: DELAY_MS } };
export const lossy = ({ share, meanBurstPackets }: Losses): Impairments => ({
  up: { delayMs: DELAY_MS },
  down: {
    delayMs: DELAY_MS,
    loss: burstModel({ lossShare: share, meanBadPackets: meanBurstPackets }),
  },
});

export const routeInWords = ({ share, meanBurstPackets }: Losses): string =>
  `${100 * share} % is lost in bursts of ${meanBurstPackets} packets on average, with ${DELAY_MS} ms of delay each way`;

/** Packets a second of one camera's middle layer and a microphone, about. */
const EXPECTED_PACKETS_PER_S = 100;
/** A round meets few bursts, so its share of losses strays far: seeds are drawn until one stays near. */
const NEAR = 0.004;
const AROUND = [0.9, 1, 1.1] as const;

/** A seed whose losses are near the share that is asked for, wherever the round ends. */
export const seedNear = (random: Random, seconds: number, losses = LOSSES): number => {
  for (;;) {
    const seed = random.below(2 ** 32);
    const shares = AROUND.map((part) =>
      lossAhead(lossy(losses), seed, 'down', Math.round(part * seconds * EXPECTED_PACKETS_PER_S)),
    );
    if (shares.every((share) => Math.abs(share - losses.share) < NEAR)) return seed;
  }
};

/** Code of what `playRound` throws before any loss, where it would measure the machine alone. */
export const TOO_SLOW = 'bench.too-slow';

export interface RoundPlan {
  readonly link: string;
  readonly sealing: Sealing;
  readonly seed: number;
  readonly losses: Losses;
  readonly settleMs: number;
  readonly cleanMs: number;
  readonly lossyMs: number;
  /** Asked before any loss: then the round ends with `TOO_SLOW`. */
  readonly isTooSlow: (clean: Stretch) => boolean;
}

/** What the receiver had between two looks. */
export interface Stretch {
  readonly ms: number;
  readonly framesDecoded: number;
  readonly freezes: number;
  readonly frozenMs: number;
  /** Of the sound's samples: made up, since their packets were missing. */
  readonly concealedShare: number;
  /** How long a sample of sound waited to be played: the longer, the more of what was lost came again in time. */
  readonly soundWaitsMs: number;
  readonly keyFrames: number;
  /** Requests for lost packets that the receiver sent, and packets that came again (RFC 4585, RFC 4588). */
  readonly nacks: number;
  readonly resent: number;
}

export interface Round {
  readonly clean: Stretch;
  readonly lossy: Stretch;
  /** At the impaired path, on the way to the receiver, in the lossy stretch. */
  readonly packets: number;
  readonly lost: number;
  readonly refusedFrames: Readonly<Record<string, number>>;
  /** What the meeting told either person: a round with any compares nothing. */
  readonly problems: readonly string[];
}

const between = (first: Received, last: Received): Stretch => ({
  ms: last.atMs - first.atMs,
  framesDecoded: last.framesDecoded - first.framesDecoded,
  freezes: last.freezeCount - first.freezeCount,
  frozenMs: last.totalFreezesMs - first.totalFreezesMs,
  concealedShare:
    (last.concealedSamples - first.concealedSamples) / Math.max(1, last.totalSamples - first.totalSamples),
  soundWaitsMs:
    (last.soundWaitedMs - first.soundWaitedMs) / Math.max(1, last.soundPlayed - first.soundPlayed),
  keyFrames: last.keyFrames - first.keyFrames,
  nacks: last.nacks - first.nacks,
  resent: last.resent - first.resent,
});

type Observed = Omit<Round, 'problems'> & Pick<Received, 'problem'>;

/** Of the camera's rate. */
const LEAST_CLEAN_RATE = 0.9;
const MS_PER_S = 1_000;

/** Whether a receiver that lost nothing yet misses pictures all the same: then it is the machine that one would measure. */
export const isTooSlow = ({ framesDecoded, freezes, ms }: Stretch): boolean =>
  freezes > 0 || (MS_PER_S * framesDecoded) / ms < LEAST_CLEAN_RATE * CAMERA.frameRate;

/** The figures of a receiver whose path is at hand. */
const observe = async (receiver: Person, path: ImpairedPath, plan: RoundPlan): Promise<Observed> => {
  await receiver.times();
  await sleep(plan.settleMs);
  const settled = await receiver.received();
  await sleep(plan.cleanMs);
  const before = await receiver.received();
  const clean = between(settled, before);
  if (plan.isTooSlow(clean)) throw new BelfryError(TOO_SLOW, 'the machine was too slow before any loss');
  path.impair(lossy(plan.losses), plan.seed);
  await sleep(plan.lossyMs);
  const after = await receiver.received();
  const { packets, lost } = path.counts('down');
  return {
    clean,
    lossy: between(before, after),
    packets,
    lost,
    refusedFrames: after.refusedFrames,
    problem: after.problem,
  };
};

/** A path for one receiver, opened when its page learns the relay's port. */
class OwnPath {
  #path: Promise<ImpairedPath> | undefined;

  async portFor(relayPort: number): Promise<number> {
    this.#path ??= openImpairedPath(relayPort).then((path) => {
      path.impair(CLEAN, 0);
      return path;
    });
    return (await this.#path).port;
  }

  get opened(): Promise<ImpairedPath> {
    return (
      this.#path ?? Promise.reject(new BelfryError('bench.no-path', 'the receiver never asked for its path'))
    );
  }

  async close(): Promise<void> {
    (await this.#path)?.close();
  }
}

export const playRound = async (theatre: Theatre, plan: RoundPlan): Promise<Round> => {
  const { link, sealing } = plan;
  const sender = await theatre.person('Sender');
  const receiver = await theatre.person('Receiver');
  const path = new OwnPath();
  try {
    await sender.join({ link, sealing, impaired: false });
    await sender.send();
    await receiver.page.exposeFunction('impairedPort', (port: number) => path.portFor(port));
    await receiver.join({ link, sealing, impaired: true });
    const { problem, ...observed } = await observe(receiver, await path.opened, plan);
    const sent = await sender.received();
    return { ...observed, problems: [problem, sent.problem].filter((code) => code !== undefined) };
  } finally {
    await receiver.leave();
    await sender.leave();
    await path.close();
  }
};
