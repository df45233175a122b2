import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../src/base/platform.ts';
import { loadShippedClips } from '../../../src/client/clips/files.ts';
import type { Enrolled } from '../../../src/client/people/enrolled.ts';
import type { OnGroupAnswer } from './group-line.ts';
import type { Means } from './means.ts';
import type { Rehearsal } from './messages.ts';
import { Participant, type ParticipantOptions } from './participant.ts';
import { Tally } from './tally.ts';
import { clockName, monotonicMs, monotonicOffsetMs } from './time.ts';

/*
 * Code that has not run yet takes several times what it takes later, and a join goes through most of what there is. On a person's
 * device that is one join of its own; here the first of them would hold up everybody who is in the same process already.
 */

/** Two people of each process: one who sends, one who only watches. */
const PEOPLE = 2;
/** Until what a join costs falls no further by much. */
const ROUNDS = 4;
/** Long enough for pictures to go through. */
const TOGETHER_MS = 400;

const visitOf = (index: number): ParticipantOptions['visit'] => ({
  index,
  person: index,
  group: 'rehearsal',
  weight: index === 0 ? 'full' : 'light',
  meeting: 0,
  joinAtMs: 0,
  leaveAtMs: Number.POSITIVE_INFINITY,
  sends: { cameraLayers: index === 0 ? 3 : 0, microphone: index === 0 ? 'always' : 'off' },
  viewsLayer: 0,
  isReturn: false,
});

/** Some people of this process meet a few times in a meeting that nobody measures. What fails in it will fail in the run, and be told there. */
export const rehearse = async ({ link, secret }: Rehearsal, { devices, groups }: Means): Promise<void> => {
  const offsetMs = monotonicOffsetMs();
  const shared = {
    link,
    group: (onAnswer: OnGroupAnswer) => groups.toolsFor(secret, onAnswer),
    clips: await loadShippedClips(),
    platformClock: systemClock,
    clock: clockName(),
    nowMs: monotonicMs,
    monotonicOf: (nowMs: number) => nowMs + offsetMs,
    plannedMs: [0, 0],
    senders: [],
    awaits: 'video',
    awaitedFromMs: 0,
    scenario: { lightOpensOneOf: 1, retry: { most: 0, afterSeconds: 0 } },
    seed: 1,
    impairments: undefined,
  } as const;
  const enter = (device: Enrolled, index: number) =>
    new Participant({ ...shared, device, visit: visitOf(index), tally: new Tally(), startMs: monotonicMs() });
  for (let round = 0; round < ROUNDS; round++) {
    const people = [...devices.values()].slice(0, PEOPLE).map(enter);
    await Promise.all(people.map((one) => one.join()));
    await sleep(TOGETHER_MS);
    await Promise.all(people.map((one) => one.leave()));
  }
};
