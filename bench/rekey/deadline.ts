import { BelfryError, messageOf } from '../../src/base/errors.ts';

/** Several times what the slowest step takes, a commit among 500 whose bytes all fetch; a hanging run ends soon after. */
const MAX_WAIT_MS = 60_000;

/** What is awaited has a name, and comes in time or ends the run. */
export const within = async <T>(
  what: () => string,
  awaited: Promise<T>,
  maxMs: number = MAX_WAIT_MS,
): Promise<T> => {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new BelfryError('bench.late', `waited ${maxMs / 1_000} s for ${what()}`)),
    maxMs,
  );
  try {
    return await Promise.race([awaited, late.promise]);
  } finally {
    clearTimeout(timer);
  }
};

/** Says which case it was that failed. */
export const named = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
  try {
    return await run();
  } catch (error) {
    throw new BelfryError('bench.case', `${name}: ${messageOf(error)}`);
  }
};
