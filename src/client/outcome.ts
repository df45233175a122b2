import { BelfryError, messageOf } from '../base/errors.ts';
import type { Refusal, Result } from '../base/result.ts';

/**
 * Inside one operation on the media stack a refusal ends all of it: the steps throw, `outcomeOf` at the operation's
 * edge makes a value of it again.
 */
export const valueOrThrow = <T>(result: Result<T>): T => {
  if (!result.ok) throw BelfryError.from(result.refusal);
  return result.value;
};

/** Never rejects. What is thrown without a code of ours came out of the media stack: `media.failed`. */
export const outcomeOf = async <T>(work: () => Promise<T>): Promise<Result<T>> => {
  try {
    return { ok: true, value: await work() };
  } catch (thrown) {
    return { ok: false, refusal: refusalOf(thrown) };
  }
};

/** All at once. Throws the first failure, but only when every one has ended: none goes on behind the caller's back. */
export const allOrThrow = async <T>(works: readonly Promise<T>[]): Promise<T[]> => {
  const settled = await Promise.allSettled(works);
  return settled.map((each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
};

const refusalOf = (thrown: unknown): Refusal =>
  thrown instanceof BelfryError ? thrown.refusal : { code: 'media.failed', message: messageOf(thrown) };
