/**
 * The load generator as a program: its order is one line of JSON in the first argument. Status 0: passed, 1: a criterion is
 * not met, or it broke off, 2: the order means nothing, 3: the generator was the limit, or the run was ended early.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BelfryError, messageOf } from '../../src/base/errors.ts';
import { calibrate } from './command/calibrate.ts';
import { compare } from './command/compare.ts';
import { ladder } from './command/ladder.ts';
import { list } from './command/list.ts';
import { printRefusal, usage } from './command/print.ts';
import { report } from './command/report.ts';
import { run } from './command/run.ts';
import { type Order, orderSchema, STATUS, type Status } from './order.ts';

type Commands = {
  readonly [K in Order['kind']]: (
    order: Extract<Order, { kind: K }>,
    signal: AbortSignal,
  ) => Status | Promise<Status>;
};

const COMMANDS: Commands = {
  list: () => list(),
  run: (order, signal) => run(order, signal),
  ladder: (order, signal) => ladder(order, signal),
  report: ({ folder }) => report(folder),
  compare: ({ a, b }) => compare(a, b),
  calibrate: (order, signal) => calibrate(order, signal),
};

const carryOut = <K extends Order['kind']>(order: Extract<Order, { kind: K }>, signal: AbortSignal) => {
  const command: Commands[K] = COMMANDS[order.kind as K];
  return command(order, signal);
};

/** The first asks the run to end and to report what was done; a second ends it at once. */
const endSignal = (): AbortSignal => {
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (ending.signal.aborted) process.exit(130);
      ending.abort();
    });
  return ending.signal;
};

const main = async (): Promise<Status> => {
  const order = orderSchema.safeParse(JSON.parse(process.argv[2] ?? 'null'));
  if (order.success) return carryOutUntil(endSignal(), order.data);
  const [issue] = order.error.issues;
  return usage({
    code: 'load.usage',
    message: `${issue?.path.join('.')}: ${issue?.message}`,
    remedy: 'belfry load run --help lists the options',
  });
};

const failed = (error: unknown): Status => {
  const code = error instanceof BelfryError ? error.code : 'load.broke';
  printRefusal({ code, message: messageOf(error) });
  return STATUS.failed;
};

/** A signal to a group of processes may end one before another hears of it. */
const SIGNAL_WITHIN_MS = 100;

/** What breaks after it was asked to end, breaks of that: a program that is just starting does not know the signal yet. */
const carryOutUntil = async (signal: AbortSignal, order: Order): Promise<Status> => {
  try {
    return await carryOut(order, signal);
  } catch (error) {
    await sleep(SIGNAL_WITHIN_MS);
    if (!signal.aborted) throw error;
    console.error('belfry load: it was ended before it had begun, and nothing was measured [load.ended]');
    return STATUS.invalid;
  }
};

process.exit(await main().catch(failed));
