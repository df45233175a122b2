import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { mlsAgreement } from '../../e2ee/mls/agreement.ts';
import { nodeMlsCrypto } from '../../e2ee/mls/crypto/node.ts';
import { deviceSigner, verifyDevice } from '../../e2ee/mls/device-signatures.ts';
import { nodeDriver } from '../../e2ee/sframe/node.ts';
import type { Hash } from '../group/blobs.ts';
import { fetchBlobs } from '../group/fetch-blobs.ts';
import type { GroupTools } from '../group/tools.ts';

const hash: Hash = async (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest());

/** What this platform computes at once. */
export const nodeQuickTools = { hash, driver: nodeDriver } satisfies Partial<GroupTools>;

/** A process of its own for each participant: here the group needs no thread of its own beside. */
export const nodeGroupTools = (clock: Pick<Clock, 'unixMs'>): GroupTools => ({
  async startAgreement({ suite, certificates, signing, publicKey }) {
    const signer = deviceSigner(signing.privateKey, publicKey);
    const parts = { suite, certificates, signer, clock, crypto: nodeMlsCrypto, verify: verifyDevice };
    const agreement = await mlsAgreement(parts);
    return { agreement, end: () => agreement.end() };
  },
  blobs: fetchBlobs,
  ...nodeQuickTools,
});
