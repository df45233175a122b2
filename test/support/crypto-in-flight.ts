const SLOW = [
  'digest',
  'importKey',
  'exportKey',
  'sign',
  'verify',
  'generateKey',
  'encrypt',
  'decrypt',
  'deriveBits',
] as const;
const WATCH = Symbol('watch');

interface Watch {
  count: number;
}

type Watched = SubtleCrypto & { [WATCH]?: Watch };
type Operation = (...args: unknown[]) => Promise<unknown>;

/** From now on each operation of this process's cryptography is counted while it is under way. */
export const watchCrypto = (): void => {
  const subtle: Watched = crypto.subtle;
  if (subtle[WATCH] !== undefined) return;
  const watch = { count: 0 };
  subtle[WATCH] = watch;
  for (const name of SLOW) {
    const operation = subtle[name].bind(subtle) as Operation;
    const value: Operation = (...args) => {
      watch.count += 1;
      return operation(...args).finally(() => {
        watch.count -= 1;
      });
    };
    Object.defineProperty(subtle, name, { value, configurable: true });
  }
};

/** Whether something is computed elsewhere that will settle here: turns of the event loop do not measure it. */
export const isCryptoInFlight = (): boolean => ((crypto.subtle as Watched)[WATCH]?.count ?? 0) > 0;
