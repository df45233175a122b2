import type { MessagePort } from 'node:worker_threads';
import type { AnswerMessage, AskKind, AskMessage } from '../../../src/e2ee/mls/worker/messages.ts';
import type { AgreementWorker } from '../../../src/e2ee/mls/worker/remote.ts';
import type { GroupAnswer } from './late-keys.ts';

/** `tookMs`: the CPU that it cost, as it would on any device. */
export type DeskAnswer = AnswerMessage & { readonly tookMs: number };
export type OnGroupAnswer = (answer: GroupAnswer) => void;

/** What a device asks from a commit, or a Welcome, until it opens frames. */
const FOR_KEYS: ReadonlySet<AskKind> = new Set([
  'create',
  'join',
  'stage',
  'adopt',
  'epoch-code',
  'base-key',
]);

/** One join's channel to the thread of groups, which tells of the answers that keys wait for. */
export class GroupLine implements AgreementWorker {
  readonly addEventListener: AgreementWorker['addEventListener'];
  readonly #port: MessagePort;
  readonly #askedMs = new Map<number, number>();

  constructor(port: MessagePort, onAnswer: OnGroupAnswer) {
    this.#port = port;
    // Before whoever asked hears of it.
    port.on('message', ({ ask, tookMs }: DeskAnswer) => this.#answered(ask, tookMs, onAnswer));
    // Sound: these are the port's own events, whose types leave out what they carry.
    this.addEventListener = (port as unknown as AgreementWorker).addEventListener.bind(port);
  }

  postMessage(message: AskMessage): void {
    if (FOR_KEYS.has(message.kind)) this.#askedMs.set(message.ask, performance.now());
    this.#port.postMessage(message);
  }

  close(): void {
    this.#port.close();
  }

  #answered(ask: number, tookMs: number, onAnswer: OnGroupAnswer): void {
    const askedMs = this.#askedMs.get(ask);
    if (askedMs === undefined) return;
    this.#askedMs.delete(ask);
    onAnswer({ askedMs, atMs: performance.now(), tookMs });
  }
}
