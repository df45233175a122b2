import { BelfryError } from '../../src/base/errors.ts';
import type { Result } from '../../src/base/result.ts';
import { type RunRecord, runPlan } from './run/run.ts';
import { readScenario } from './scenario/files.ts';
import { inForm, planOf, withParticipants } from './scenario/plan.ts';
import type { Scenario } from './scenario/schema.ts';
import type { Server } from './server/server.ts';

/** A meeting that goes on beside something else that is measured. */
export interface Background {
  /** Asks all to leave. Settles with what they lived through. */
  end(): Promise<RunRecord>;
}

export interface BackgroundOptions {
  readonly server: Server;
  readonly participants: number;
  /** It ends by itself after so long. */
  readonly seconds: number;
  readonly seed: number;
}

const must = <T>(result: Result<T>): T => {
  if (result.ok) return result.value;
  throw BelfryError.from(result.refusal);
};

/** As in `cabinet`, all send three layers and a voice. Settles once everybody is in. */
export const openBackground = async (options: BackgroundOptions): Promise<Background> => {
  const { server, participants, seconds, seed } = options;
  const scenario = { ...must(sized(participants)), seconds };
  const everybodyIn = Promise.withResolvers<void>();
  const leave = new AbortController();
  const ran = runPlan({
    scenario,
    plan: must(planOf(scenario, seed)),
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
