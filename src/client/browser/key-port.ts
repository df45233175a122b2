import type { KeyPort } from '../../e2ee/frame-keys.ts';
import { numberedKey } from '../../e2ee/keys/base-key.ts';
import { OwnKeys } from '../../e2ee/keys/own-keys.ts';
import { Senders } from '../../e2ee/keys/senders.ts';
import { nobleDriver } from '../../e2ee/sframe/noble.ts';
import type { TransformLink } from './link.ts';

/**
 * The worker's key store as the page speaks to it. Answers are needed at once and the worker's would come later, so the
 * page keeps the same books over the same keys: what they refuse never reaches the worker. Epochs have no answers: what
 * the worker refuses of them ends it. A posted message is a copy, whatever becomes of the bytes here.
 */
export const remoteKeys = (link: TransformLink): KeyPort => {
  const ownKeys = new OwnKeys();
  const senders = new Senders((base, history) => ({ base, history }));
  return {
    useOwnKey(number, baseKey) {
      const used = ownKeys.use(numberedKey(nobleDriver, number, baseKey));
      if (used.ok) link.post({ kind: 'own-key', number, baseKey });
      return used;
    },
    addSender(number, baseKey) {
      const added = senders.add(numberedKey(nobleDriver, number, baseKey));
      if (added.ok) link.post({ kind: 'add-sender', number, baseKey });
      return added;
    },
    removeSender(number) {
      senders.remove(number);
      link.post({ kind: 'remove-sender', number });
    },
    openUnder: (epoch, baseKey, leaves) => link.post({ kind: 'open-under', epoch, baseKey, leaves }),
    sealUnder: (epoch, ownLeaf) => link.post({ kind: 'seal-under', epoch, ownLeaf }),
    stopSealing: () => link.post({ kind: 'stop-sealing' }),
    forget: (epoch) => link.post({ kind: 'forget-epoch', epoch }),
  };
};
