import type { Bytes } from '../../base/bytes.ts';
import { ok } from '../../base/result.ts';
import type { FrameKeys } from '../frame-keys.ts';
import type { SyncDriver } from '../sframe/driver.ts';
import { deriveFrameKey, type FrameKey } from '../sframe/frame.ts';
import { DEFAULT_SUITE, SUITES, type SuiteId } from '../sframe/suites.ts';
import { type NumberedKey, numberedKey } from './base-key.ts';
import type { ContextHistory } from './context-history.ts';
import { Directory } from './directory.ts';
import { epochKeys } from './epoch-port.ts';
import { EpochSenders } from './epoch-senders.ts';
import { Opening } from './opening.ts';
import { OwnKeys } from './own-keys.ts';
import { Sealing } from './sealing.ts';
import { Sender } from './sender.ts';
import { Senders } from './senders.ts';
import { MAX_FRAMES_PER_KEY } from './stream-counter.ts';

export interface FrameKeysOptions {
  /** `nodeDriver` where there is Node, else `nobleDriver`. No default: a browser's bundle must not hold node:crypto. */
  readonly driver: SyncDriver;
  /** `DEFAULT_SUITE` where absent. Everybody in a meeting has the same. */
  readonly suite?: SuiteId;
  /** `MAX_FRAMES_PER_KEY` where absent; fewer, to make own keys change sooner. */
  readonly framesPerKey?: number;
}

/**
 * A client's key store for one join. It owns every counter, so that no (key, nonce) comes twice; hence one store per
 * own key: a second store under the same own key, in another page or process, would break that promise.
 */
export const createFrameKeys = (options: FrameKeysOptions): FrameKeys => {
  const { driver, framesPerKey = MAX_FRAMES_PER_KEY } = options;
  const suite = SUITES[options.suite ?? DEFAULT_SUITE];
  const ownKeys = new OwnKeys();
  const derive = (kid: bigint, baseKey: Bytes): FrameKey => deriveFrameKey(driver, suite, kid, baseKey);
  const make = (key: NumberedKey, history: ContextHistory) => new Sender(derive, key, history);
  const senders = new Senders(make);
  const epochs = new EpochSenders(driver, make);
  const opening = new Opening(driver, new Directory(senders, epochs));
  return {
    useOwnKey: (number, baseKey) => ownKeys.use(numberedKey(driver, number, baseKey)),
    addSender: (number, baseKey) => senders.add(numberedKey(driver, number, baseKey)),
    removeSender: (number) => senders.remove(number),
    ...epochKeys(epochs, ownKeys),
    newSealingContext(source, codec) {
      const context = ownKeys.takeContext();
      if (!context.ok) return context;
      const stream = { source, codec, context: context.value };
      return ok(new Sealing({ ownKeys, framesPerKey, stream, derive }));
    },
    open: (wire, expected) => opening.open(wire, expected),
  };
};
