import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MeetingId } from '../../src/base/ids.ts';
import { NOW } from '../../test/support/people.ts';
import { end, type Started, startProgram } from '../program.ts';
import { seededRandom } from '../random.ts';
import { rowsOf } from '../rows.ts';
import type { BenchOptions, Measured, Scenario } from '../scenario.ts';
import { fillBare, fillBelfry, LEAVING, type Plenum } from './fan-out.ts';
import { enterBelfry, joinBare, PEOPLE_PER_MEETING } from './joins.ts';
import { type Climb, climb, ratesOf } from './ladder.ts';
import { Officials } from './officials.ts';
import { pictureOf } from './picture.ts';
import {
  type Arm,
  type Climbs,
  faultsOf,
  newClimbs,
  notesOf,
  seriesOf,
  TRIAL_ARMS,
  type Trial,
} from './results.ts';

/*
 * How many people join per second, and how many events per second reach 500 people, until waiting becomes noticeable: rates
 * rise step by step, arrivals come at their planned times (an open model), and beside the relay a bare websocket server
 * climbs the same ladder in the same run. Generator and server share the machine.
 */

const PLAN = {
  full: { rounds: 5, seconds: 3, factor: 1.5, meetings: 120 },
  quick: { rounds: 1, seconds: 0.4, factor: 4, meetings: 16 },
} as const;
type Plan = (typeof PLAN)[keyof typeof PLAN];

const FIRST_RATE = { joins: 20, events: 20 } as const;
/** Beyond what a bare server does on a small machine. */
const LAST_RATE = { joins: 6_000, events: 4_000 } as const;

interface Servers {
  readonly belfry: { readonly url: string };
  readonly bare: { readonly url: string };
  readonly officials: Officials;
}

type Trials = { readonly [T in Trial]: (arm: Arm, servers: Servers, plan: Plan) => Promise<Climb> };

const TRIALS: Trials = {
  joins: async (arm, servers, { seconds, factor, meetings }) => {
    const step = await JOINS[arm](servers, meetings);
    return climb(ratesOf(FIRST_RATE.joins, factor, LAST_RATE.joins), (rate) => step(rate, seconds));
  },
  events: async (arm, { belfry, bare, officials }, { factor }) => {
    const plenum = arm === 'certificate' ? await fillBelfry(belfry.url, officials) : await fillBare(bare.url);
    return climbIn(plenum, ratesOf(FIRST_RATE.events, factor, LAST_RATE.events));
  },
};

type JoinStep = ReturnType<typeof joinBare>;
const JOINS: { readonly [A in Arm]: (servers: Servers, meetings: number) => JoinStep | Promise<JoinStep> } = {
  async certificate({ belfry: { url }, officials }, count) {
    const meetings: MeetingId[] = [];
    while (meetings.length < count) meetings.push(await officials.convene(url));
    return enterBelfry(url, officials, meetings);
  },
  bare: ({ bare }) => joinBare(bare.url),
};

const climbIn = (plenum: Plenum, rates: readonly number[]): Promise<Climb> =>
  climb(rates, (rate) => plenum.step(rate)).finally(() => plenum.end());

/** Both servers afresh for each round: what a round leaves behind burdens no other. */
const withServers = async <T>(use: (servers: Servers) => Promise<T>): Promise<T> => {
  const started: Started[] = [];
  const home = mkdtempSync(join(tmpdir(), 'belfry-bench-signaling-'));
  const start = async (file: string, ...args: string[]): Promise<unknown> => {
    const program = await startProgram(`bench/signaling/${file}`, args, /(\{.*\})\n/);
    started.push(program);
    return JSON.parse(program.found);
  };
  try {
    const [stateDir, folder] = [join(home, 'relay'), join(home, 'public')];
    const officials = await Officials.open(folder);
    const relay = (await start('relay.ts', stateDir, folder, String(NOW))) as Servers['belfry'];
    const bare = (await start('bare-ws.ts')) as Servers['bare'];
    return await use({ belfry: relay, bare, officials });
  } finally {
    for (const program of started) await end(program);
    rmSync(home, { recursive: true, force: true });
  }
};

const measure = async ({ quick, seed }: BenchOptions): Promise<Climbs> => {
  const plan = quick ? PLAN.quick : PLAN.full;
  const random = seededRandom(seed);
  const climbs = newClimbs();
  for (let round = 1; round <= plan.rounds; round++)
    for (const trial of ['joins', 'events'] as const)
      await withServers(async (servers) => {
        for (const arm of random.shuffled<Arm>([...TRIAL_ARMS[trial]])) {
          const found = await TRIALS[trial](arm, servers, plan);
          climbs[trial][arm].push(found);
          console.error(
            `round ${round} of ${plan.rounds}, ${trial}, ${arm}: ${found.kneePerSecond} per second held`,
          );
        }
      });
  return climbs;
};

const run = async (options: BenchOptions): Promise<Measured> => {
  const climbs = await measure(options);
  const faults = faultsOf(climbs);
  return {
    rows: rowsOf(seriesOf(climbs)),
    valid: faults.length === 0,
    why: faults.length === 0 ? null : faults.join('; '),
    notes: [
      ...notesOf(climbs),
      `Meetings of ${PEOPLE_PER_MEETING} fill one after the other; of 500 people in one meeting ${LEAVING} leave, each an event to all the others. Generator and servers share the cores: compare the ratios.`,
    ],
    drawing: pictureOf(climbs),
  };
};

export const signaling: Scenario = {
  summary:
    'joins per second to the knee, events per second among 500 people, against a bare websocket server',
  run,
};
