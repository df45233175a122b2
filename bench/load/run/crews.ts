import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type {
  CrewOrder,
  DevicesOrder,
  FromCrew,
  PathRecord,
  Second,
  StreamRecord,
  ToCrew,
  VisitRecord,
} from '../crew/messages.ts';

const PROGRAM = join(import.meta.dirname, '../crew/main.ts');
/**
 * Half of the usual young heap: a collection stops everybody of the process, and takes the longer the more packets and ciphers died since
 * the last. It does not wait for threads of its own, which have no core left where it matters; and an old heap that begins large is
 * collected less often while it grows. Where 25 people join, collecting took as much of two cores as their groups did.
 */
const HEAP = [
  '--max-semi-space-size=16',
  '--no-parallel-scavenge',
  '--initial-old-space-size=512',
  // Packets' bytes count in that as well: by themselves they had the whole heap collected every 64 MB.
  '--external-memory-accounted-in-global-limit',
];
/** For what compiles and collects beside: the usual four of each process would take turns with those who send. */
const HELPERS = '--v8-pool-size=1';
/** From being told to end until everything is told. Leaving is bounded in the SDK; longer is a hung process. */
const END_WITHIN_MS = 20_000;

/** What one process came to. */
export interface CrewRecord {
  readonly seconds: readonly Second[];
  readonly visits: readonly VisitRecord[];
  readonly streams: readonly StreamRecord[];
  readonly paths: readonly PathRecord[];
  readonly refusedByCode: Readonly<Record<string, number>>;
  /** Why its figures are not whole; `undefined` where they are. */
  readonly broken: string | undefined;
}

/** One process of participants, as the run sees it. */
export class CrewProcess {
  readonly #child: ChildProcess;
  readonly #seconds: Second[] = [];
  readonly #ready = Promise.withResolvers<void>();
  readonly #exit: Promise<unknown>;
  #done: Extract<FromCrew, { kind: 'done' }> | undefined;

  constructor(prepare: Omit<DevicesOrder, 'kind'>, onSecond: (second: Second) => void) {
    this.#child = fork(PROGRAM, [], {
      execArgv: ['--disable-warning=ExperimentalWarning', ...HEAP, HELPERS],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#exit = once(this.#child, 'exit');
    void this.#exit.then(() => this.#ready.reject(new Error('a process of participants ended at its start')));
    this.#child.on('message', (message: FromCrew) => {
      if (message.kind === 'ready') this.#ready.resolve();
      if (message.kind === 'done') this.#done = message;
      if (message.kind !== 'second') return;
      this.#seconds.push(message.second);
      onSecond(message.second);
    });
    this.#send({ kind: 'devices', ...prepare });
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  start(order: CrewOrder): void {
    this.#send(order);
  }

  async end(): Promise<CrewRecord> {
    const endedEarly = this.hasEnded;
    this.#send({ kind: 'end' });
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_WITHIN_MS);
    await this.#exit;
    clearTimeout(timer);
    const { visits = [], streams = [], paths = [], refusedByCode = {} } = this.#done ?? {};
    const broken = this.#brokenBy(endedEarly);
    return { seconds: this.#seconds, visits, streams, paths, refusedByCode, broken };
  }

  #brokenBy(endedEarly: boolean): string | undefined {
    const { exitCode, signalCode } = this.#child;
    if (endedEarly)
      return `a process of participants ended before its time (${signalCode ?? `status ${exitCode}`})`;
    return this.#done === undefined ? 'a process of participants did not tell what it measured' : undefined;
  }

  #send(message: ToCrew): void {
    if (!this.hasEnded && this.#child.connected) this.#child.send(message, () => {});
  }
}
