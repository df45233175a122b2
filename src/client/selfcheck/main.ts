/**
 * The self-check as a program: reads links with codes, or who is to be enrolled, from the standard input
 * (arguments can be read by every user of the machine), meets, measures, and prints the table. Status 0 passed, 1
 * failed with the reasons, 2 wrong usage.
 */
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { BelfryError, messageOf } from '../../base/errors.ts';
import { secureRandomBytes, systemClock } from '../../base/platform.ts';
import { openWebSocket } from '../connection/web-socket.ts';
import type { Fetch } from '../enrol/fetch-port.ts';
import { judge } from './judge.ts';
import { partyOf } from './party.ts';
import type { Verdict } from './report.ts';
import { runSelfCheck, type SelfCheckOutcome } from './run.ts';
import { formatTable } from './table.ts';
import { askWitness } from './witness-question.ts';

const STATUS = { passed: 0, failed: 1, usage: 2 } as const;
type Status = (typeof STATUS)[keyof typeof STATUS];

const DEFAULT_SECONDS = 5;
/** Shorter holds too few frames for a share of 99 %; longer outgrows the log of what was sent. */
const SECONDS_RANGE = { min: 2, max: 60 } as const;

const USAGE = `Usage: node src/client/selfcheck/main.ts [--seconds N] [--json]

The standard input has three links into one meeting, one to a line and each with a code, or says who is to be enrolled and meet.`;

interface Settings {
  readonly seconds: number;
  readonly json: boolean;
}

/** `undefined` where the arguments are none of ours. */
const settingsOf = (args: readonly string[]): Settings | undefined => {
  try {
    const options = { seconds: { type: 'string' }, json: { type: 'boolean' } } as const;
    const { values } = parseArgs({ args: [...args], options, strict: true });
    const seconds = Number(values.seconds ?? DEFAULT_SECONDS);
    const isInRange = seconds >= SECONDS_RANGE.min && seconds <= SECONDS_RANGE.max;
    return isInRange ? { seconds, json: values.json ?? false } : undefined;
  } catch {
    return undefined;
  }
};

const TOOLS = {
  openSocket: openWebSocket,
  fetch: fetch as Fetch,
  clock: systemClock,
  randomBytes: secureRandomBytes,
};

const run = async ({ seconds, json }: Settings): Promise<Status> => {
  const party = await partyOf(await text(process.stdin), TOOLS);
  if (!party.ok) return usage(`${party.refusal.message} [${party.refusal.code}]`);
  const { meeting } = party.value.link;
  const outcome = await runSelfCheck({
    ...party.value,
    seconds,
    ...TOOLS,
    say: (line) => (json ? console.error : console.log)(`Check:    ${line}`),
    askWitness: () => askWitness(process, systemClock, meeting),
  });
  const verdict = judge(outcome.report, outcome.witness);
  if (json) console.log(JSON.stringify({ ...outcome, ...verdict }));
  else print(outcome, verdict);
  return verdict.passed ? STATUS.passed : STATUS.failed;
};

const print = ({ report, witness }: SelfCheckOutcome, { passed, reasons }: Verdict): void => {
  console.log(`\n${formatTable(report, witness)}\n`);
  const share = 'every participant opened what the others sent, byte for byte';
  console.log(passed ? `Self-check passed: ${share}.` : 'Self-check failed:');
  for (const reason of reasons) console.log(`  ${reason}`);
};

const usage = (problem: string): Status => {
  console.error(`self-check: ${problem}\n${USAGE}`);
  return STATUS.usage;
};

const main = async (): Promise<Status> => {
  const settings = settingsOf(process.argv.slice(2));
  if (settings === undefined) return usage(`--seconds takes ${SECONDS_RANGE.min} to ${SECONDS_RANGE.max}`);
  try {
    return await run(settings);
  } catch (error) {
    const code = error instanceof BelfryError ? ` [${error.code}]` : '';
    console.error(`Self-check failed: ${messageOf(error)}${code}`);
    return STATUS.failed;
  }
};

// Whoever started this process and is gone needs no answer any more.
process.once('disconnect', () => process.exit(STATUS.failed));
// Sockets of the media stack may linger: what had to be said has been said.
process.exit(await main());
