import { setTimeout as sleep } from 'node:timers/promises';
import { BLOB_PAUSE_MS, BLOB_TRIES } from '../../src/client/group/limits.ts';

/** As the client does it, as many tries and pauses; `onAgain` hears of each that failed and is not the last. */
export const tried = async <T>(run: () => Promise<T>, onAgain: () => void): Promise<T> => {
  for (let i = 1; ; i++) {
    try {
      return await run();
    } catch (error) {
      if (i >= BLOB_TRIES) throw error;
      onAgain();
      await sleep(BLOB_PAUSE_MS * i);
    }
  }
};
