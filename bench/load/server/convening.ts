import { BelfryError } from '../../../src/base/errors.ts';
import { secureRandomBytes, systemClock } from '../../../src/base/platform.ts';
import type { Result } from '../../../src/base/result.ts';
import { openWebSocket } from '../../../src/client/connection/web-socket.ts';
import { convene } from '../../../src/client/convene/convene.ts';
import { openOwnDevice } from '../../../src/client/device/open.ts';
import { formatLink } from '../../../src/client/link.ts';
import { person } from '../../../test/support/people.ts';
import { nameOf } from '../../people/ministry.ts';
import type { Plan, Visit } from '../scenario/plan.ts';

const LEVEL = 'confidential';

/** Who comes to one meeting. */
export interface Guests {
  /** Convenes it and has the chair: who stays longest, and of those who comes first. */
  readonly chair: number;
  /** All of them, in the order of their coming. */
  readonly people: readonly number[];
}

const stayMs = ({ joinAtMs, leaveAtMs }: Visit): number => leaveAtMs - joinAtMs;

/** Of the meetings that anybody comes to, by number. */
export const guestsOf = ({ visits }: Pick<Plan, 'visits'>): ReadonlyMap<number, Guests> => {
  const guests = new Map<number, Guests>();
  for (const [meeting, own] of Map.groupBy(visits, (visit) => visit.meeting)) {
    const [longest] = own.toSorted((a, b) => stayMs(b) - stayMs(a));
    const people = [...new Set(own.map((visit) => visit.person))];
    if (longest !== undefined) guests.set(meeting, { chair: longest.person, people });
  }
  return guests;
};

/** Opens each meeting by a charter that names its guests: nobody waits for the chair. Answers the links. */
export const conveneAll = async (
  origin: string,
  plan: Plan,
  devices: readonly string[],
): Promise<string[]> => {
  const guests = guestsOf(plan);
  const links: string[] = [];
  for (let meeting = 0; meeting < plan.meetings; meeting++) {
    const { chair, people } = guests.get(meeting) ?? EMPTY;
    links.push(await conveneOne(origin, devices[chair] ?? '', people));
  }
  return links;
};

export const conveneRehearsal = (origin: string, devices: readonly string[]): Promise<string> =>
  conveneOne(origin, devices[0] ?? '', [...devices.keys()]);

/** A meeting that nobody comes to has a link all the same. */
const EMPTY: Guests = { chair: 0, people: [] };

const conveneOne = async (origin: string, folder: string, people: readonly number[]): Promise<string> => {
  const device = valueOrThrow(await openOwnDevice(folder, secureRandomBytes));
  const platform = { clock: systemClock, randomBytes: secureRandomBytes, openSocket: openWebSocket };
  const persons = people.map((nth) => person(nameOf(nth)));
  const plan = { level: LEVEL, groups: [], persons, chair: undefined, deputies: [] };
  return formatLink(valueOrThrow(await convene({ origin, device, ...platform }, plan)));
};

const valueOrThrow = <T>(result: Result<T>): T => {
  if (!result.ok) throw BelfryError.from(result.refusal);
  return result.value;
};
