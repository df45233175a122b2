import type { Clock } from './clock.ts';
import { BelfryError } from './errors.ts';

/**
 * Settles as `work` does, or rejects with code `deadline.passed` after `limitMs`. The work itself goes on: only what
 * waited for it is freed, so a late value must be harmless or be cleaned up by `onLate`.
 */
export const withDeadline = <T>(
  clock: Clock,
  limitMs: number,
  what: string,
  work: Promise<T>,
  onLate?: (value: T) => void,
): Promise<T> =>
  new Promise((resolve, reject) => {
    let late = false;
    const cancel = clock.after(limitMs, () => {
      late = true;
      reject(new BelfryError('deadline.passed', `${what} did not answer within ${limitMs} ms`));
    });
    work.then(
      (value) => {
        cancel();
        if (late) onLate?.(value);
        else resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
