import type { Bytes } from '../../base/bytes.ts';
import { ok } from '../../base/result.ts';
import type { AsyncFrameKeys } from '../frame-keys.ts';
import type { AsyncDriver } from '../sframe/driver.ts';
import { type AsyncFrameKey, deriveFrameKeyAsync } from '../sframe/frame-async.ts';
import { DEFAULT_SUITE, SUITES, type SuiteId } from '../sframe/suites.ts';
import { type HmacDriver, type NumberedKey, numberedKey } from './base-key.ts';
import type { ContextHistory } from './context-history.ts';
import { Directory } from './directory.ts';
import { epochKeys } from './epoch-port.ts';
import { EpochSenders } from './epoch-senders.ts';
import { AsyncOpening } from './opening-async.ts';
import { OwnKeys } from './own-keys.ts';
import { AsyncSealing } from './sealing-async.ts';
import { Sender } from './sender.ts';
import { Senders } from './senders.ts';
import { MAX_FRAMES_PER_KEY } from './stream-counter.ts';

export interface AsyncFrameKeysOptions {
  /** `webDriver` in browsers. */
  readonly driver: AsyncDriver;
  /** For the fingerprints of base keys, once per key. */
  readonly hmac: HmacDriver;
  /** `DEFAULT_SUITE` where absent. Everybody in a meeting has the same. */
  readonly suite?: SuiteId;
  /** `MAX_FRAMES_PER_KEY` where absent; fewer, to make own keys change sooner. */
  readonly framesPerKey?: number;
}

/**
 * As `createFrameKeys`, for browsers. The same promise holds with frames under way: counters move before anything is
 * waited for, and what was opened is written down in the same turn in which it is accepted.
 */
export const createAsyncFrameKeys = (options: AsyncFrameKeysOptions): AsyncFrameKeys => {
  const { driver, hmac, framesPerKey = MAX_FRAMES_PER_KEY } = options;
  const suite = SUITES[options.suite ?? DEFAULT_SUITE];
  const ownKeys = new OwnKeys();
  // Of a copy: an epoch may be forgotten, and its key wiped, while this is under way.
  const derive = (kid: bigint, baseKey: Bytes): Promise<AsyncFrameKey> =>
    deriveFrameKeyAsync(driver, suite, kid, baseKey.slice());
  const make = (key: NumberedKey, history: ContextHistory) => new Sender(derive, key, history);
  const senders = new Senders(make);
  const epochs = new EpochSenders(hmac, make);
  const opening = new AsyncOpening(new Directory(senders, epochs));
  return {
    useOwnKey: (number, baseKey) => ownKeys.use(numberedKey(hmac, number, baseKey)),
    addSender: (number, baseKey) => senders.add(numberedKey(hmac, number, baseKey)),
    removeSender: (number) => senders.remove(number),
    ...epochKeys(epochs, ownKeys),
    newSealingContext(source, codec) {
      const context = ownKeys.takeContext();
      if (!context.ok) return context;
      const stream = { source, codec, context: context.value };
      return ok(new AsyncSealing({ ownKeys, framesPerKey, stream, derive }));
    },
    open: (wire, expected) => opening.open(wire, expected),
  };
};
