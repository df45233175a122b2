import { availableParallelism } from 'node:os';
import { BelfryError, messageOf } from '../../src/base/errors.ts';
import { seededRandom } from '../random.ts';
import { rowsOf, type Series } from '../rows.ts';
import type { BenchOptions, Measured, Scenario } from '../scenario.ts';
import { openBelfry } from './houses/belfry.ts';
import { openFloor } from './houses/floor.ts';
import { openJanus } from './houses/janus.ts';
import { findJanus, type JanusPackage } from './houses/janus-package.ts';
import { openMediasoup } from './houses/mediasoup.ts';
import { type Measuring, type Visit, visit } from './measure.ts';
import { pictureOf } from './picture.ts';
import { GENERATOR_CORE, pinSelf } from './processes.ts';
import { hasPerf, profile } from './profile.ts';
import { faultsOf, type Outcomes, PEER_NAMES, type Peer, type Setting, seriesOf } from './results.ts';
import { buildPrograms, type Phase, type Programs } from './rig.ts';
import { type Cast, openStage, type Stage } from './stage.ts';

/*
 * The same load against Belfry, bare mediasoup and a floor, one after the other in every round: what one forwarded packet
 * costs. The relay has a core, publisher and viewers have another; viewers are sockets that a program in C empties without
 * ever waiting in the kernel, and where the relay estimates bandwidth it gets its feedback every 100 ms.
 */

const PACKETS_PER_SECOND = 360;
const BURST = 12;
const FORMS = ['evenly', `bursts of ${BURST}`] as const;

export const PLAN = {
  full: {
    rounds: 5,
    audiences: [30, 60],
    people: 10,
    /**
     * Of every house, before anything is counted. What is measured is the long run: Belfry's witness looks at each frame of a
     * stream's first seconds, and an estimator probes in its viewers' first ones, and grows its memory by it.
     */
    settleMs: 4_000,
    warmMs: 500,
    runMs: 3_000,
    profiles: 2,
  },
  quick: { rounds: 2, audiences: [4], people: 3, settleMs: 0, warmMs: 100, runMs: 400, profiles: 1 },
} as const;
type Plan = (typeof PLAN)[keyof typeof PLAN];

interface Scene extends Setting {
  readonly cast: Cast;
  /** Packets a second of each publisher. */
  readonly rate: number;
  readonly bursts: readonly number[];
}

const audience = (viewers: number): Scene => ({
  name: `${viewers} viewers`,
  forms: FORMS,
  cast: { publishers: 1, viewers, meets: false },
  rate: PACKETS_PER_SECOND,
  bursts: [1, BURST],
});

/** As many packets come in as from the one publisher. */
const meeting = (people: number): Scene => ({
  name: `${people} x ${people} meeting`,
  forms: [FORMS[0]],
  cast: { publishers: people, viewers: 0, meets: true },
  rate: Math.round(PACKETS_PER_SECOND / people),
  bursts: [1],
});

const scenesOf = ({ audiences, people }: Plan): Scene[] => [...audiences.map(audience), meeting(people)];

interface Tools {
  readonly programs: Programs;
  /** Absent where it could not be had. */
  readonly janus: JanusPackage | undefined;
}

type Open = (cast: Cast, tools: Tools) => Promise<Stage>;

const OPEN: { readonly [P in Peer]: Open } = {
  belfry: async (cast) => openStage(await openBelfry(true, cast), cast),
  mediasoup: async (cast) => openStage(await openMediasoup(true), cast),
  unsealed: async (cast) => openStage(await openBelfry(false, cast), cast),
  unestimated: async (cast) => openStage(await openMediasoup(false), cast),
  janus: async (cast, { janus }) => {
    if (janus === undefined) throw new BelfryError('bench.no-janus', 'janus is not there');
    return openJanus(janus, cast);
  },
  floor: (cast, { programs }) => openFloor(programs.floor, cast),
};
/** The two that are compared first stand beside each other in time as well. */
const ORDER = Object.keys(OPEN) as Peer[];

/** A mountpoint and the floor have one source. */
const ONE_SOURCE: readonly Peer[] = ['janus', 'floor'];
const takesPart = (peer: Peer, { cast }: Scene): boolean => !(cast.meets && ONE_SOURCE.includes(peer));

interface Course extends BenchOptions, Tools {
  readonly plan: Plan;
}

/** The same for every house. */
export const phasesOf = ({ settleMs, warmMs, runMs }: Plan, bursts: readonly number[]): Phase[] =>
  bursts.map((burst, i) => ({ warmMs: warmMs + (i === 0 ? settleMs : 0), runMs, burst }));

const measuringOf = (peer: Peer, scene: Scene, { plan, programs, seed }: Course): Measuring => {
  const phases = phasesOf(plan, scene.bursts);
  const load = { phases, rate: scene.rate, sealed: peer !== 'unsealed', random: seededRandom(seed) };
  return { rig: programs.rig, cast: scene.cast, load };
};

/** What fails is told in words, and leaves no figure. */
const attempt = async <T>(
  what: string,
  failures: string[],
  work: () => Promise<T>,
): Promise<T | undefined> => {
  try {
    return await work();
  } catch (error) {
    failures.push(`${what}: ${messageOf(error)}`);
    return undefined;
  }
};

const tryVisit = (peer: Peer, scene: Scene, course: Course, failures: string[]): Promise<Visit | undefined> =>
  attempt(`${PEER_NAMES[peer]}, ${scene.name}`, failures, () =>
    visit(() => OPEN[peer](scene.cast, course), measuringOf(peer, scene, course)),
  );

const PROFILED = ['belfry', 'mediasoup', 'unestimated'] as const;

/** Of the largest audience, evenly spaced. */
const profiles = async (course: Course, failures: string[]): Promise<Series[]> => {
  const scene = { ...audience(Math.max(...course.plan.audiences)), bursts: [1] };
  const found: Series[] = [];
  for (const peer of PROFILED) {
    const name = `${PEER_NAMES[peer]}, ${scene.name}`;
    const open = () => OPEN[peer](scene.cast, course);
    const measuring = measuringOf(peer, scene, course);
    const rounds = course.plan.profiles;
    found.push(...((await attempt(name, failures, () => profile({ name, open, measuring, rounds }))) ?? []));
  }
  return found;
};

const isSkipped = (peer: Peer, { janus }: Tools): boolean => peer === 'janus' && janus === undefined;

const measure = async (course: Course, failures: string[]): Promise<Outcomes[]> => {
  const found = scenesOf(course.plan).flatMap((scene) =>
    ORDER.filter((peer) => takesPart(peer, scene)).map((peer) => ({
      setting: scene,
      peer,
      visits: [] as (Visit | undefined)[],
    })),
  );
  for (let round = 1; round <= course.plan.rounds; round++) {
    for (const { setting, peer, visits } of found)
      visits.push(isSkipped(peer, course) ? undefined : await tryVisit(peer, setting, course, failures));
    console.error(`round ${round} of ${course.plan.rounds}`);
  }
  return found;
};

const notMeasured = (why: string): Measured => ({ rows: [], valid: false, why, notes: [] });

const NOTES = [
  `One publisher sends ${PACKETS_PER_SECOND} packets a second of 1.1 KB; in the meeting all together send as many. Relay and generator have a core each.`,
  'Viewers are sockets that are emptied every 3 ms; feedback on transport-wide numbers comes every 100 ms where they were negotiated.',
  'Delay: from the generator’s send to the kernel’s arrival time at one viewer. Joins come four at once, all handshakes in one process.',
  'To Belfry people come by certificate, proof and signed presence, which a join to it holds. Nobody has media keys: frames are random bytes under the numbers of their senders, whom the relay has as members of a group that computes nothing; viewers are in no group.',
  'mediasoup: its defaults and the same worker binary, hence the same libsrtp. janus: Debian’s 1.1.2, old, on its own libraries; it gets its packets in clear, and keeps no estimate here: hold it against mediasoup without one.',
  `In the full form every house has ${PLAN.full.settleMs / 1_000} s of the load before anything is counted: Belfry’s witness looks at each frame of a stream’s first seconds, and an estimator probes in its viewers’ first ones.`,
  'The profile is by library: SRTP’s framing lies in “RTP logic”, and on loopback the kernel’s part has the receiver’s half in it.',
  'The floor neither agrees on keys nor keeps packets. It and the mountpoint of janus have one source, so no meeting.',
];

/** The reason where janus is skipped: the one peer that is neither the project's own nor from npm. */
const findJanusOrWhy = (): { readonly janus: JanusPackage | undefined; readonly skipped: string[] } => {
  try {
    return { janus: findJanus(), skipped: [] };
  } catch (error) {
    return { janus: undefined, skipped: [`${PEER_NAMES.janus} was skipped: ${messageOf(error)}`] };
  }
};

const measureWith = async (course: Course, skipped: readonly string[]): Promise<Measured> => {
  const failures: string[] = [];
  const outcomes = await measure(course, failures);
  const canProfile = hasPerf();
  const profiled = canProfile ? await profiles(course, failures) : [];
  const faults = [...faultsOf(outcomes), ...new Set(failures)];
  return {
    rows: rowsOf([...seriesOf(outcomes), ...profiled]),
    valid: faults.length === 0,
    why: faults.length === 0 ? null : faults.join('; '),
    notes: [...NOTES, ...skipped, ...(canProfile ? [] : ['No profile: perf is not installed.'])],
    drawing: pictureOf(outcomes),
  };
};

const build = (): Programs | string => {
  try {
    return buildPrograms();
  } catch (error) {
    return `generator and floor want gcc and the headers of OpenSSL: ${messageOf(error)}`;
  }
};

const run = async (options: BenchOptions): Promise<Measured> => {
  if (availableParallelism() < 2) return notMeasured('relay and generator need a core each');
  const programs = build();
  if (typeof programs === 'string') return notMeasured(programs);
  const { janus, skipped } = findJanusOrWhy();
  const unpin = pinSelf(GENERATOR_CORE);
  try {
    const plan = options.quick ? PLAN.quick : PLAN.full;
    return await measureWith({ ...options, plan, programs, janus }, skipped);
  } finally {
    unpin();
    programs.remove();
  }
};

export const peers: Scenario = {
  summary: 'CPU per forwarded packet beside bare mediasoup, janus and a floor in C; memory, delay, joins',
  run,
};
