import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { fetchBlobs } from '../../../src/client/group/fetch-blobs.ts';
import type { GroupTools, JoinAgreement, LeafOwner } from '../../../src/client/group/tools.ts';
import { nodeQuickTools } from '../../../src/client/node/group-tools.ts';
import { remoteAgreement } from '../../../src/e2ee/mls/worker/remote.ts';
import { GroupLine, type OnGroupAnswer } from './group-line.ts';

/** Twice the usual: what one commit computes dies with it. */
const YOUNG_MB = 96;
const PROGRAM = new URL('./group-desk.ts', import.meta.url);

/**
 * Computes the groups of all participants of a process, beside what these send and receive. A commit takes each of them tens of
 * milliseconds, on a device of its own; in the loop of their process one would hold up the frames of all the others. A thread is
 * interrupted for them by the kernel, as on that device. Where it fails, its process does.
 */
export class GroupThread {
  readonly #worker = new Worker(PROGRAM, { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } });

  /** Of one participant. */
  tools(onAnswer: OnGroupAnswer): GroupTools {
    return { startAgreement: (owner) => this.#start(owner, onAnswer), blobs: fetchBlobs, ...nodeQuickTools };
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  async #start(
    { suite, certificates, signing, publicKey }: LeafOwner,
    onAnswer: OnGroupAnswer,
  ): Promise<JoinAgreement> {
    const line = new GroupLine(this.#port(), onAnswer);
    const owner = { suite, certificates, privateKey: signing.privateKey, publicKey };
    const { agreement, fail } = await remoteAgreement(line, owner);
    const end = () => {
      fail();
      line.close();
    };
    return { agreement, end };
  }

  #port(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#worker.postMessage(port2, [port2]);
    port1.start();
    return port1;
  }
}
