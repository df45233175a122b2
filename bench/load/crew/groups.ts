import type { GroupTools } from '../../../src/client/group/tools.ts';
import { preSharedGroup } from '../../../test/support/pre-shared-group.ts';
import type { OnGroupAnswer } from './group-line.ts';
import { GroupThread } from './group-thread.ts';

/** Where the participants of one process have their meetings' keys from. */
export class Groups {
  #thread: GroupThread | undefined;

  /** `secret`: of a meeting whose keys are of one that the run hands out, in base64url. */
  toolsFor(secret: string | undefined, onAnswer: OnGroupAnswer): GroupTools {
    if (secret !== undefined) return preSharedGroup(new Uint8Array(Buffer.from(secret, 'base64url')));
    this.#thread ??= new GroupThread();
    return this.#thread.tools(onAnswer);
  }
}
