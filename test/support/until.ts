import assert from 'node:assert/strict';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { isCryptoInFlight } from './crypto-in-flight.ts';

/** Turns of the event loop that anything in memory may take; nothing here waits for time. */
const MAX_TURNS = 2_000;

/** What is computed elsewhere takes no turn of those that are counted. */
const oneTurn = async (): Promise<void> => {
  do await nextTurn();
  while (isCryptoInFlight());
};

/** Lets the event loop turn until `holds`, or fails saying what did not come. */
export const until = async (what: string, holds: () => boolean): Promise<void> => {
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    if (holds()) return;
    await oneTurn();
  }
  assert.fail(`it never came that ${what}`);
};

/** Turns within which whatever is under way in memory shows itself, if anything is. */
const QUIET_TURNS = 30;

/** Lets everything that is under way in memory come to rest. */
export const settle = (): Promise<void> => rest(() => false);

/** As `settle`, where more can be under way than the event loop turns through. */
export const rest = (isUnderWay: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    let quietTurns = 0;
    const turn = () => {
      quietTurns = isCryptoInFlight() || isUnderWay() ? 0 : quietTurns + 1;
      if (quietTurns < QUIET_TURNS) setImmediate(turn);
      else resolve();
    };
    setImmediate(turn);
  });

const LOOK_EVERY_MS = 10;
/** Longer than anything may take on two busy cores; a test that waits this long fails. */
const PATIENCE_MS = 30_000;

/** As `until`, of what takes real time: processes, sockets, media. */
export const eventually = async (what: string, holds: () => boolean): Promise<void> => {
  for (const startMs = performance.now(); !holds(); await wait(LOOK_EVERY_MS))
    assert(performance.now() - startMs < PATIENCE_MS, `it never came that ${what}`);
};
