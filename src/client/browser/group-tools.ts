import { type AgreementWorker, remoteAgreement } from '../../e2ee/mls/worker/remote.ts';
import { fetchBlobs } from '../group/fetch-blobs.ts';
import type { GroupTools } from '../group/tools.ts';

/** The worker of a meeting's group. Bundlers find the file by this very form of call. */
const createGroupWorker = (): AgreementWorker & Pick<Worker, 'terminate'> =>
  new Worker(new URL('../../e2ee/mls/worker/worker.ts', import.meta.url), {
    type: 'module',
    name: 'belfry-mls',
  });

/** Each join has a worker of its own, which ends with it: neither the page nor what seals frames holds a group's secrets. */
export const browserGroupTools: GroupTools = {
  async startAgreement({ suite, certificates, signing, publicKey }) {
    const worker = createGroupWorker();
    const owner = { suite, certificates, privateKey: signing.privateKey, publicKey };
    try {
      const { agreement, fail } = await remoteAgreement(worker, owner);
      const end = () => {
        fail();
        worker.terminate();
      };
      return { agreement, end };
    } catch (error) {
      worker.terminate();
      throw error;
    }
  },
  blobs: fetchBlobs,
};
