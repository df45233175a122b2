import { BelfryError } from '../../src/base/errors.ts';
import type { Result } from '../../src/base/result.ts';
import type { Second } from './crew/messages.ts';
import { type RunRecord, runPlan } from './run/run.ts';
import { readScenario } from './scenario/files.ts';
import { inForm, planOf, withParticipants } from './scenario/plan.ts';
import type { Scenario } from './scenario/schema.ts';
import { type Server, startServer } from './server/server.ts';

/** A relay with a meeting that goes on beside something else that is measured. */
export interface Background {
  readonly metrics: string;
  /** Asks all to leave. Settles with what they lived through. */
  end(): Promise<RunRecord>;
  close(): Promise<void>;
}

export interface BackgroundOptions {
  readonly participants: number;
  /** It ends by itself after so long. */
  readonly seconds: number;
  readonly seed: number;
}

const must = <T>(result: Result<T>): T => {
  if (result.ok) return result.value;
  throw BelfryError.from(result.refusal);
};

const WHOLE_WORKER = { workers: 1, share: 1 } as const;

/** The same relay, in whose meeting there is nobody. */
export const openIdle = ({ participants, seconds, seed }: BackgroundOptions): Promise<Server> =>
  startServer({
    plan: must(planOf({ ...must(sized(participants)), seconds }, seed)),
    ...WHOLE_WORKER,
  });

/** As in `cabinet`, all send three layers and a voice. Settles once everybody is in. */
export const openBackground = async ({
  participants,
  seconds,
  seed,
}: BackgroundOptions): Promise<Background> => {
  const scenario = { ...must(sized(participants)), seconds };
  const plan = must(planOf(scenario, seed));
  const server = await startServer({ plan, ...WHOLE_WORKER });
  const everybodyIn = Promise.withResolvers<void>();
  const leave = new AbortController();
  const onSecond = ({ present }: Second) => {
    if (present >= participants) everybodyIn.resolve();
  };
  const ran = runPlan({ scenario, plan, seed, processes: 1, server, onSecond, signal: leave.signal });
  const end = () => {
    leave.abort();
    return ran;
  };
  const close = async () => {
    await end().finally(() => server.close());
  };
  try {
    await Promise.race([everybodyIn.promise, ran]);
  } catch (error) {
    await server.close();
    throw error;
  }
  return { metrics: server.metrics ?? '', end, close };
};

const sized = (participants: number): Result<Scenario> => {
  const read = readScenario('cabinet');
  return read.ok ? withParticipants(inForm(read.value, 'tiny'), participants) : read;
};
