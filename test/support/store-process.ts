import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PROJECT_DIR } from './source-tree.ts';

const PROGRAM = join(PROJECT_DIR, 'test/support/store-writer.ts');

/** A process that writes a store until it is killed. */
export interface StoreProcess {
  readonly pid: number;
  /** The answers that it has told so far. */
  answers(): string[];
  /** Until it has told `count` answers; rejects when it ends before. */
  told(count: number): Promise<void>;
  /** Kills it at once (SIGKILL), and answers all that it had told. */
  kill(): Promise<string[]>;
}

export const startWriter = (path: string, seed: number): StoreProcess => {
  const args = ['--disable-warning=ExperimentalWarning', PROGRAM, path, String(seed)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = once(child, 'close');
  const answers = () => output.split('\n').slice(0, -1);
  return {
    pid: child.pid ?? 0,
    answers,
    told: (count) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (answers().length < count) return;
          child.stdout.off('data', look);
          resolve();
        };
        child.stdout.on('data', look);
        look();
        void ended.then(() => reject(new Error(`ended after ${answers().length} answers: ${errors}`)));
      }),
    async kill() {
      child.kill('SIGKILL');
      await ended;
      return answers();
    },
  };
};
