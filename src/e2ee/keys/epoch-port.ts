import { BelfryError } from '../../base/errors.ts';
import type { EpochKeys } from '../frame-keys.ts';
import type { EpochSenders } from './epoch-senders.ts';
import type { OwnKeys } from './own-keys.ts';
import type { KeyedSender } from './senders.ts';

/** A store's part that a group speaks to. What it refuses is a fault of the group's own books, and thrown. */
export const epochKeys = (senders: EpochSenders<KeyedSender>, ownKeys: OwnKeys): EpochKeys => {
  /** Of epochs that are open. */
  const fingerprints = new Map<bigint, string>();
  return {
    openUnder(epoch, baseKey, leaves) {
      fingerprints.set(epoch, senders.open(epoch, baseKey, leaves));
    },
    sealUnder(epoch, ownLeaf) {
      const used = ownKeys.use(senders.ownKey(epoch, ownLeaf));
      if (!used.ok) throw BelfryError.from(used.refusal);
    },
    stopSealing: () => ownKeys.rest(),
    forget(epoch) {
      // Before its bytes are wiped: no frame is ever sealed under zeros.
      ownKeys.drop(fingerprints.get(epoch) ?? '');
      fingerprints.delete(epoch);
      senders.forget(epoch);
    },
  };
};
