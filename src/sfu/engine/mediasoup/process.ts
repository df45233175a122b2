/** A worker process as its keeper sees it; what else it can do is for those who use it. */
export interface WorkerProcess {
  /** Asks for a sign of life; answers with the CPU time since its start, in milliseconds. May never settle. */
  beat(): Promise<number>;
  /** Calls `listener` when the process ends by itself. */
  onDeath(listener: () => void): void;
  /** Asks it to end. What is pending on it is refused at once. */
  end(): void;
  /** Ends it without asking, stopped or not. What is pending on it is refused at once. */
  kill(): void;
  /** How it ended: a signal's name or an exit status; `undefined` while it has not. */
  status(): string | undefined;
  /** Settles when the process is gone and its ports are free. */
  readonly gone: Promise<void>;
}
