import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { WitnessFigures } from '../src/app/start.ts';

const fileOf = (path: string): string => fileURLToPath(new URL(`../src/client/${path}`, import.meta.url));
const SELF_CHECK = fileOf('selfcheck/main.ts');
const DEVICE = fileOf('device/main.ts');
const CONVENE = fileOf('convene/main.ts');
const CAST = fileOf('cast/main.ts');

/** What the relay saw of a meeting; asked of whoever runs it. */
export type Witness = (meeting: string) => WitnessFigures | undefined | Promise<WitnessFigures | undefined>;

interface Run {
  /** What is on the program's input: never an argument, which every user of the machine could read. */
  readonly input: string;
  readonly args?: readonly string[];
  readonly witness?: Witness | undefined;
  /** A file of PEM roots that the program trusts beside those of its platform. */
  readonly ca?: string | undefined;
  /** Ends the program early. */
  readonly signal?: AbortSignal;
}

/** Runs a program of the clients' side in a process of its own: keys never enter the relay's. Answers its status. */
const runProgram = (file: string, { input, args = [], witness, ca, signal }: Run): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = fork(file, args, {
      stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
      // Node reads it at its start, for everything that opens TLS: its own WebSocket offers no other way to name a root.
      env: ca === undefined ? process.env : { ...process.env, NODE_EXTRA_CA_CERTS: ca },
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    const end = () => child.kill('SIGTERM');
    process.once('exit', end);
    signal?.addEventListener('abort', end);
    child.on('message', (message) => {
      if (isWitnessQuestion(message)) void answerWitness(child, message.meeting, witness);
    });
    child.once('error', reject);
    child.once('exit', (status) => {
      process.off('exit', end);
      resolve(status ?? 1);
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end(`${input}\n`);
  });

const answerWitness = async (child: ChildProcess, meeting: string, witness: Witness | undefined) => {
  const figures = await witness?.(meeting);
  if (child.connected) child.send({ kind: 'witness', ...figures });
};

export const isWitnessQuestion = (message: unknown): message is { readonly meeting: string } =>
  typeof message === 'object' &&
  message !== null &&
  'kind' in message &&
  message.kind === 'witness?' &&
  'meeting' in message &&
  typeof message.meeting === 'string';

/** Somebody who is enrolled by the code for one device. */
export interface CastMember {
  readonly name: string;
  readonly code: string;
}

export interface CastPlace {
  readonly origin: string;
  /** Of the authority's root, in base64url. */
  readonly rootSha256: string;
  readonly plan: object;
}

/** Convenes a meeting, and prints a link for each who is invited. */
export const runCast = (
  order: CastPlace & {
    readonly pageOrigin: string;
    readonly title: string;
    readonly code: string;
    readonly invited: readonly CastMember[];
  },
  ca: string | undefined,
): Promise<number> => runProgram(CAST, { input: JSON.stringify(order), ca });

/** Enrols, renews or shows this machine's device. */
export const runDevice = (order: object, ca: string | undefined): Promise<number> =>
  runProgram(DEVICE, { input: JSON.stringify(order), ca });

/** Signs a charter with this machine's device, and has the relay open its meeting. */
export const runConvene = (order: object, ca: string | undefined): Promise<number> =>
  runProgram(CONVENE, { input: JSON.stringify(order), ca });

/** Three participants meet, and compare what they opened with what was sent. `input`: links, one to a line. */
export const runSelfCheck = (run: {
  readonly input:
    | (CastPlace & { readonly cast: readonly CastMember[]; readonly fourth: CastMember })
    | string;
  readonly witness?: Witness;
  readonly ca?: string | undefined;
  readonly signal?: AbortSignal;
}): Promise<number> =>
  runProgram(SELF_CHECK, {
    ...run,
    input: typeof run.input === 'string' ? run.input : JSON.stringify(run.input),
  });
