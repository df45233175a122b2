import { BelfryError } from '../../src/base/errors.ts';
import type { Result } from '../../src/base/result.ts';
import { type RunRecord, runPlan } from './run/run.ts';
import { readScenario } from './scenario/files.ts';
import { inForm, type Plan, planOf, withParticipants } from './scenario/plan.ts';
import type { Scenario } from './scenario/schema.ts';
import type { Server } from './server/server.ts';

/** A meeting that goes on beside something else that is measured. */
export interface Background {
  /** Asks all to leave. Settles with what they lived through. */
  end(): Promise<RunRecord>;
}

/** Who meets, and the run that they are planned for: a server of its own is started with the people of the plan. */
export interface BackgroundPlan {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly seed: number;
  readonly participants: number;
}

export interface BackgroundSize {
  readonly participants: number;
  /** It ends by itself after so long. */
  readonly seconds: number;
  readonly seed: number;
}

const must = <T>(result: Result<T>): T => {
  if (result.ok) return result.value;
  throw BelfryError.from(result.refusal);
};

/** As in `cabinet`, all send three layers and a voice. */
export const planBackground = ({ participants, seconds, seed }: BackgroundSize): BackgroundPlan => {
  const scenario = { ...must(sized(participants)), seconds };
  return { scenario, plan: must(planOf(scenario, seed)), seed, participants };
};

/** Settles once everybody is in. */
export const openBackground = async (
  server: Server,
  { scenario, plan, seed, participants }: BackgroundPlan,
): Promise<Background> => {
  const everybodyIn = Promise.withResolvers<void>();
  const leave = new AbortController();
  const ran = runPlan({
    scenario,
    plan,
    seed,
    processes: 1,
    server,
    onSecond: ({ present }) => {
      if (present >= participants) everybodyIn.resolve();
    },
    signal: leave.signal,
  });
  const end = () => {
    leave.abort();
    return ran;
  };
  await Promise.race([everybodyIn.promise, ran]);
  return { end };
};

const sized = (participants: number): Result<Scenario> => {
  const read = readScenario('cabinet');
  return read.ok ? withParticipants(inForm(read.value, 'tiny'), participants) : read;
};
