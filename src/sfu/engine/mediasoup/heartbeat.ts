import type { Clock } from '../../../base/clock.ts';

/** How often each worker is asked for a sign of life, and how old figures may get. */
export const BEAT_PERIOD_MS = 1_000;

/**
 * How long a beat may stay unanswered. A worker that stops right after a beat is declared dead at the second missed
 * one, 2 x period + limit = 2.6 s later: that leaves 0.4 s of the 3 s in which it must be told. A longer limit breaks
 * that; a shorter one kills workers on loaded machines: only 1.6 s without any answer end one.
 */
export const BEAT_LIMIT_MS = 600;

/** One miss may be a hiccup of the machine; two in a row are a death. */
const MISSES_UNTIL_DEATH = 2;

export interface Heartbeat {
  readonly clock: Clock;
  /** Asks for the sign of life. Rejecting is not one. */
  readonly ask: () => Promise<number>;
  readonly onAnswer: (value: number) => void;
  /** Called once; the heart is no longer listened to then. */
  readonly onSilent: () => void;
}

/** Listens to one worker's heart until it falls silent or the returned function is called. */
export function startHeartbeat({ clock, ask, onAnswer, onSilent }: Heartbeat): () => void {
  let misses = 0;
  let stopped = false;
  const stop = () => {
    stopped = true;
    cancel();
  };
  const miss = () => {
    misses += 1;
    if (stopped || misses < MISSES_UNTIL_DEATH) return;
    stop();
    onSilent();
  };
  const beat = () => {
    const answered = clock.after(BEAT_LIMIT_MS, miss);
    const onBeat = (value: number) => {
      answered();
      // Also a late answer shows life.
      misses = 0;
      if (!stopped) onAnswer(value);
    };
    ask().then(onBeat, () => undefined);
  };
  const cancel = clock.every(BEAT_PERIOD_MS, beat);
  return stop;
}
