import { ok, type Result, refuse } from '../../../src/base/result.ts';
import { type Random, seededRandom } from '../../random.ts';
import { arrivalTimesMs, exponential } from './arrivals.ts';
import type { Fault, FormName, Group, Scenario, Sends, Weight } from './schema.ts';

const MS_PER_S = 1_000;
/** Ghosts see nothing of what arrives: of all people at least so many must look at it as anybody would. */
export const LEAST_FULL_SHARE = 0.05;
/** Somebody who would stay for less has not come. */
const SHORTEST_STAY_MS = 500;

/** One person from coming to leaving; who comes back is a new visit. Times from the start of the run. */
export interface Visit {
  /** Of all visits of the run, in the order of their coming. */
  readonly index: number;
  /** Of all people of the run: who comes back is the same person, with the same device. */
  readonly person: number;
  readonly group: string;
  readonly weight: Weight;
  readonly meeting: number;
  readonly joinAtMs: number;
  readonly leaveAtMs: number;
  readonly sends: Sends;
  readonly viewsLayer: number;
  /** Whether it came in a wave of churn: not everybody is new then. */
  readonly isReturn: boolean;
}

export interface Plan {
  readonly visits: readonly Visit[];
  readonly faults: readonly Fault[];
  readonly meetings: number;
  readonly endMs: number;
  /** People who are planned, of each weight. */
  readonly people: { readonly [W in Weight]: number };
}

/** The scenario as it is, or one of its smaller forms. */
export const inForm = (scenario: Scenario, name: FormName): Scenario => {
  if (name === 'full') return scenario;
  const { counts = {}, churn, ...rest } = scenario.forms[name];
  const people = scenario.people.map((group) => ({
    ...group,
    count: counts[group.name] ?? group.count,
    ...(group.churn && churn && { churn }),
  }));
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return { ...scenario, ...given, people };
};

export const peopleIn = ({ people: { full, light, ghost } }: Pick<Plan, 'people'>): number =>
  full + light + ghost;

/** The groups that scale share what is left of `total`, each as it was to the others. */
export const withParticipants = (scenario: Scenario, total: number): Result<Scenario> => {
  const fixed = scenario.people.filter(({ scales }) => !scales).reduce((sum, { count }) => sum + count, 0);
  const scaling = scenario.people.filter(({ scales }) => scales);
  const before = scaling.reduce((sum, { count }) => sum + count, 0);
  const left = total - fixed;
  if (before === 0) return refuse('scenario.fixed', `${scenario.name} has no group whose size may change`);
  if (left < scaling.length)
    return refuse(
      'scenario.too-few',
      `${scenario.name} needs at least ${fixed + scaling.length} participants`,
    );
  const shares = sharesOf(left, scaling);
  return ok({
    ...scenario,
    people: scenario.people.map((group) => ({ ...group, count: shares.get(group.name) ?? group.count })),
  });
};

/** Rounded so that none is lost: each group ends where its part of the whole ends. */
const sharesOf = (total: number, groups: readonly Group[]): Map<string, number> => {
  const whole = groups.reduce((sum, { count }) => sum + count, 0);
  const shares = new Map<string, number>();
  let [before, given] = [0, 0];
  for (const { name, count } of groups) {
    before += count;
    const until = Math.round((total * before) / whole);
    shares.set(name, until - given);
    given = until;
  }
  return shares;
};

/** Who comes when and leaves when, all of it before anything runs. The same for the same seed. */
export const planOf = (scenario: Scenario, seed: number): Result<Plan> => {
  const endMs = scenario.seconds * MS_PER_S;
  const random = seededRandom(seed);
  const people = peopleOf(scenario);
  const all = people.full + people.light + people.ghost;
  if (all === 0) return refuse('scenario.nobody', `${scenario.name} has nobody in it`);
  if (people.ghost > 0 && people.full < LEAST_FULL_SHARE * all)
    return refuse(
      'scenario.too-few-full',
      `${people.full} of ${all} participants open what they receive: with ghosts at least ${100 * LEAST_FULL_SHARE} % must`,
      'add participants of weight full',
    );
  const visits = numbered(scenario.people)
    .flatMap(({ group, first }) =>
      visitsOf(group, first, scenario, endMs, seededRandom(random.below(2 ** 32))),
    )
    .sort((a, b) => a.joinAtMs - b.joinAtMs)
    .map((visit, index) => ({ ...visit, index }));
  const late = visits.find(({ joinAtMs }) => joinAtMs >= endMs);
  if (late !== undefined)
    return refuse(
      'scenario.too-short',
      `${scenario.name} ends after ${scenario.seconds} s, and somebody is planned to come ${(late.joinAtMs / MS_PER_S).toFixed(1)} s after its start`,
      'let it last longer, or let people come faster',
    );
  const never = scenario.faults.find(({ atSeconds }) => atSeconds >= scenario.seconds);
  if (never !== undefined)
    return refuse(
      'scenario.late-fault',
      `${scenario.name} ends after ${scenario.seconds} s, and a fault (${never.kind}) is planned ${never.atSeconds} s after its start`,
      'let it last longer, or let the fault come sooner',
    );
  return ok({ visits, faults: scenario.faults, meetings: scenario.meetings, endMs, people });
};

const peopleOf = ({ people }: Scenario): Plan['people'] => {
  const of = (weight: Weight) =>
    people.filter((group) => group.weight === weight).reduce((sum, { count }) => sum + count, 0);
  return { full: of('full'), light: of('light'), ghost: of('ghost') };
};

/** Each group with the number of its first person. */
const numbered = (groups: readonly Group[]): { readonly group: Group; readonly first: number }[] => {
  let first = 0;
  return groups.map((group) => {
    const from = first;
    first += group.count;
    return { group, first: from };
  });
};

const visitsOf = (
  group: Group,
  first: number,
  scenario: Scenario,
  endMs: number,
  random: Random,
): Visit[] => {
  const times = arrivalTimesMs(group.arrivals ?? scenario.arrivals, group.count, random);
  const { name, weight, sends, viewsLayer } = group;
  return times.flatMap((firstMs, i) =>
    staysOf(firstMs, group.churn, endMs, random).map(([joinAtMs, leaveAtMs], nth) => ({
      index: 0,
      person: first + i,
      group: name,
      weight,
      meeting: i % scenario.meetings,
      joinAtMs,
      leaveAtMs,
      sends,
      viewsLayer,
      isReturn: nth > 0,
    })),
  );
};

type Stay = readonly [joinAtMs: number, leaveAtMs: number];

const staysOf = (firstMs: number, churn: Group['churn'], endMs: number, random: Random): Stay[] => {
  if (churn === undefined) return [[firstMs, endMs]];
  const draw = (meanSeconds: number) => exponential(meanSeconds * MS_PER_S, random);
  const stays: Stay[] = [];
  let joinMs = firstMs;
  do {
    const leaveMs = joinMs + Math.max(SHORTEST_STAY_MS, draw(churn.staysSeconds));
    stays.push([joinMs, Math.min(leaveMs, endMs)]);
    joinMs = leaveMs + draw(churn.awaySeconds);
  } while (joinMs < endMs - SHORTEST_STAY_MS);
  return stays;
};
