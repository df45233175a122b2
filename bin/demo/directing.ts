import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { BelfryError } from '../../src/base/errors.ts';
import type { Witness } from '../participants.ts';
import {
  type Folders,
  type FromDirector,
  isFromDirector,
  type Serving,
  type ToDirector,
} from './messages.ts';

const DIRECTOR = fileURLToPath(new URL('./director.ts', import.meta.url));

/** The authority's process, from the relay's side. */
export class Directing {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Settles when the files are there that a relay judges people by. */
  static async begin(folders: Folders): Promise<Directing> {
    const child = fork(DIRECTOR, [], { execArgv: ['--disable-warning=ExperimentalWarning'] });
    const directing = new Directing(child);
    process.once('exit', () => child.kill());
    const published = directing.#heard('published');
    directing.#say({ kind: 'begin', folders });
    await published;
    return directing;
  }

  /** Has the self-check run; its status. */
  async check(serving: Serving, witness: Witness): Promise<number> {
    const answer = async (message: unknown) => {
      if (isFromDirector(message) && message.kind === 'witness?')
        this.#say({ kind: 'witness', figures: await witness(message.meeting) });
    };
    this.#child.on('message', answer);
    const checked = this.#heard('checked');
    this.#say({ kind: 'serving', ...serving });
    return (await checked).status;
  }

  /** With everybody whom it started. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }

  #say(message: ToDirector): void {
    if (this.#child.connected) this.#child.send(message);
  }

  /** Rejects where the process ends before. */
  #heard<Kind extends FromDirector['kind']>(kind: Kind): Promise<Extract<FromDirector, { kind: Kind }>> {
    return new Promise((resolve, reject) => {
      const onMessage = (message: unknown) => {
        if (!isFromDirector(message) || message.kind !== kind) return;
        this.#child.off('message', onMessage);
        resolve(message as Extract<FromDirector, { kind: Kind }>);
      };
      this.#child.on('message', onMessage);
      this.#child.once('exit', () =>
        reject(
          new BelfryError('demo.director', 'the process of the authority ended before its work was done'),
        ),
      );
    });
  }
}
