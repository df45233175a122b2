import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { PROJECT_DIR } from './source-tree.ts';

/** `crash-relay.ts` in a process of its own, to be killed. */
export class CrashRelay {
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly ended: Promise<unknown>;

  /** `port`: that of an earlier one, whose clients look for it there. */
  constructor(stateDir: string, folder: string, startUnixMs: number, port = '0') {
    const file = join(PROJECT_DIR, 'test/support/crash-relay.ts');
    const args = ['--disable-warning=ExperimentalWarning', file, stateDir, folder, String(startUnixMs), port];
    // Beside the state: what one process compiled the next one need not.
    const env = { ...process.env, NODE_COMPILE_CACHE: join(dirname(stateDir), 'compiled') };
    this.#child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdin?.on('error', () => {});
    this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    this.ended = once(this.#child, 'close');
  }

  /** The next line that begins so; `undefined` where the process ended before. */
  line(begins: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      const look = (line: string) => {
        if (line.startsWith(begins)) resolve(line);
      };
      this.#lines.on('line', look);
      void this.ended.then(() => resolve(undefined));
    });
  }

  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}
