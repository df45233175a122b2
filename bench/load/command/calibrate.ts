import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitFact, machineFacts } from '../../facts.ts';
import { type BenchResult, benchResult, type Row, SCHEMA } from '../../result.ts';
import { rowsOf } from '../../rows.ts';
import { describeResult } from '../../table.ts';
import { ceilingOf, isHeld, type Limit, type Step } from '../calibrate/ladder.ts';
import { type Order, STATUS, type Status } from '../order.ts';
import { stolenWords, watchMachine } from '../run/machine-time.ts';

const RECEIVER = join(import.meta.dirname, '../calibrate/receiver.ts');
const WEIGHTS = ['full', 'light'] as const;
type Calibrated = (typeof WEIGHTS)[number];
/** A calibration draws nothing. */
const SEED = 0;

const climb = async (weight: Calibrated, seconds: number, signal: AbortSignal): Promise<Step[]> => {
  const child = fork(RECEIVER, [weight, String(seconds)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const end = () => child.kill('SIGKILL');
  signal.addEventListener('abort', end);
  const steps: Step[] = [];
  child.on('message', (step: Step) => {
    steps.push(step);
    if (process.stderr.isTTY)
      console.error(`${weight}: ${step.perSecond} packets/s ${isHeld(step) ? 'held' : 'not held'}`);
  });
  await once(child, 'exit');
  signal.removeEventListener('abort', end);
  return steps;
};

const rowsFor = (weight: Calibrated, steps: readonly Step[]): Row[] => {
  const { step } = ceilingOf(steps);
  const held = steps.filter(isHeld);
  return rowsOf([
    {
      case: weight,
      measure: 'packets per second held by one process',
      unit: '1/s',
      samples: step === undefined ? [] : [step.perSecond],
    },
    {
      case: weight,
      measure: 'CPU per packet',
      unit: 'us',
      samples: held.map(({ cpuUsPerPacket }) => cpuUsPerPacket),
    },
  ]);
};

/** Each weight's receiving side climbs in front of a reflector that does nothing: where it ends, the generator itself ends. */
export const calibrate = async (
  { seconds, out = 'load-results/calibrate' }: Extract<Order, { kind: 'calibrate' }>,
  signal: AbortSignal,
): Promise<Status> => {
  const date = new Date().toISOString();
  const climbs = [];
  for (const weight of WEIGHTS) {
    const machine = watchMachine();
    climbs.push({ weight, steps: await climb(weight, seconds, signal), ...machine() });
  }
  const faults = climbs.flatMap(
    ({ weight, steps, stolenShare }) => faultOf(weight, steps, stolenShare) ?? [],
  );
  const result: BenchResult = benchResult.parse({
    schema: SCHEMA,
    name: 'load calibrate',
    date,
    commit: commitFact(),
    machine: machineFacts(),
    seed: SEED,
    valid: faults.length === 0,
    why: faults.length === 0 ? null : faults.join('; '),
    rows: climbs.flatMap(({ weight, steps }) => rowsFor(weight, steps)),
  });
  mkdirSync(out, { recursive: true });
  const path = join(out, 'result.json');
  writeFileSync(path, `${JSON.stringify(result, null, 1)}\n`);
  console.log(`${describeResult(result)}\nResult: ${path}`);
  return result.valid ? STATUS.passed : STATUS.invalid;
};

/** Why the highest rate that was held is no ceiling of the receiver; the other two are. */
const FAULTS: Readonly<Partial<Record<Limit, string>>> = {
  reflector: 'the reflector could not send more, so the receiver may take more than this',
  machine:
    'the receiver had room left on its core: something else held it up, and it may take more than this',
};

export const faultOf = (
  weight: Calibrated,
  steps: readonly Step[],
  stolenShare: number,
): string | undefined => {
  const { step, limit } = ceilingOf(steps);
  const fault = step === undefined ? nothingHeld(steps) : FAULTS[limit];
  if (fault === undefined) return undefined;
  const stolen = stolenWords(stolenShare);
  if (stolen !== undefined) return `${weight}: ${fault}. Meanwhile ${stolen}`;
  return `${weight}: ${fault}${step === undefined ? '. Other programs need the machine: calibrate when it is idle' : ''}`;
};

/** Nothing was found, not even a lower bound: what kept the lowest rate from being held. */
const nothingHeld = ([first]: readonly Step[]): string =>
  first === undefined
    ? 'the receiver ended before it told anything'
    : `not even ${first.perSecond} packets/s were held: what was sent left up to ${first.sentLateMs.toFixed(1)} ms late, and the receiver took ${first.cpuShare.toFixed(2)} of a core`;
