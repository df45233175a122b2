import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ok, type Result, refuse } from '../../../src/base/result.ts';
import { describeResult } from '../../table.ts';
import { type RunOrder, STATUS, type Status } from '../order.ts';
import { writeReport } from '../report/folder.ts';
import { headlineOf } from '../report/html.ts';
import type { LoadRecord, LoadResult } from '../result.ts';
import { runPlan } from '../run/run.ts';
import { usualProcesses } from '../run/shares.ts';
import { readScenario } from '../scenario/files.ts';
import { inForm, type Plan, peopleIn, planOf, withParticipants } from '../scenario/plan.ts';
import type { Scenario } from '../scenario/schema.ts';
import { type Server, startServer } from '../server/server.ts';
import { assemble } from '../verdict/assemble.ts';
import { findDevices } from './devices.ts';
import { readLinks } from './links.ts';
import { usage } from './print.ts';
import { Progress } from './progress.ts';

interface Prepared {
  readonly scenario: Scenario;
  readonly plan: Plan;
}

/** Everything that can be wrong with an order is found before anything starts. */
const prepare = (order: RunOrder): Result<Prepared> => {
  const { scenario: name, form, participants, keys, seed } = order;
  const read = readScenario(name);
  if (!read.ok) return read;
  const formed = inForm(read.value, form);
  const sized = participants === undefined ? ok(formed) : withParticipants(formed, participants);
  if (!sized.ok) return sized;
  const scenario = { ...sized.value, keys: keys ?? sized.value.keys };
  const fault = strangeFault(scenario, order);
  if (fault !== undefined) return fault;
  const plan = planOf(scenario, seed);
  return plan.ok ? ok({ scenario, plan: plan.value }) : plan;
};

const strangeFault = ({ faults }: Scenario, { links, share }: RunOrder) =>
  faults.some(({ kind }) => kind === 'kill-worker') && (links !== undefined || share < 1)
    ? refuse(
        'load.kill-worker',
        'media workers are killed of a relay that the run starts itself, and that is not held back',
        'leave --links and --share away, or the fault',
      )
    : undefined;

const serverOf = async (
  { links, devices: folder = '', metrics, workers, share }: RunOrder,
  plan: Plan,
): Promise<Result<Server>> => {
  if (links === undefined) return ok(await startServer({ plan, workers, share }));
  const devices = findDevices(folder, peopleIn(plan));
  if (!devices.ok) return devices;
  const read = readLinks(links, plan.meetings);
  if (!read.ok) return read;
  return ok({ links: read.value, devices: devices.value, metrics, isOwn: false, close: async () => {} });
};

export const run = async (order: RunOrder, signal: AbortSignal): Promise<Status> => {
  const measured = await runOnce(order, signal);
  return measured.ok ? conclude(order, measured.value) : usage(measured.refusal);
};

/** Refusals: of an order that means nothing. */
export const runOnce = async (order: RunOrder, signal: AbortSignal): Promise<Result<LoadResult>> => {
  const prepared = prepare(order);
  if (!prepared.ok) return prepared;
  const server = await serverOf(order, prepared.value.plan);
  if (!server.ok) return server;
  try {
    return ok(await measure(order, prepared.value, server.value, signal));
  } finally {
    await server.value.close();
  }
};

const measure = async (
  order: RunOrder,
  { scenario, plan }: Prepared,
  server: Server,
  signal: AbortSignal,
): Promise<LoadResult> => {
  const { seed, form, processes = usualProcesses(plan.visits, availableParallelism()) } = order;
  const date = new Date().toISOString();
  const progress = new Progress(plan, processes);
  const onSecond: Progress['onSecond'] = (second, process) => progress.onSecond(second, process);
  const record = await runPlan({ scenario, plan, seed, processes, server, onSecond, signal });
  progress.end();
  const facts = serverFacts(order, server, record.serverReadingsMissed);
  return assemble({ scenario, form, plan, seed, processes, server: facts, record, date });
};

const serverFacts = (
  { workers, share }: RunOrder,
  { isOwn }: Server,
  readingsMissed: number,
): LoadRecord['server'] => ({
  kind: isOwn ? 'own' : 'given',
  workers: isOwn ? workers : null,
  share: isOwn ? share : 1,
  readingsMissed,
});

const folderOf = ({ out, scenario }: RunOrder, { date, load }: LoadResult): string =>
  out ?? join('load-results', `${load.scenario.name ?? scenario}-${date.replaceAll(':', '').slice(0, 17)}`);

const conclude = (order: RunOrder, result: LoadResult): Status => {
  const folder = folderOf(order, result);
  const report = writeReport(folder, result);
  const { word, text } = headlineOf(result);
  console.log(describeResult(result));
  for (const note of result.load.notes) console.log(note);
  console.log(`\n${word}: ${text}`);
  console.log(`Report: ${report}`);
  if (!result.valid) return STATUS.invalid;
  return result.load.passed ? STATUS.passed : STATUS.failed;
};
