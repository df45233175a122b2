/**
 * The thread that computes the groups of one process's participants: each join has a channel of its own, and a desk at its end, as
 * each join has a worker of its own in browsers.
 */
import { setPriority } from 'node:os';
import { type MessagePort, parentPort } from 'node:worker_threads';
import { systemClock } from '../../../src/base/platform.ts';
import { nodeMlsCrypto } from '../../../src/e2ee/mls/crypto/node.ts';
import { AgreementDesk } from '../../../src/e2ee/mls/worker/desk.ts';
import type { AskMessage } from '../../../src/e2ee/mls/worker/messages.ts';
import { CpuShares } from './cpu-shares.ts';
import type { DeskAnswer } from './group-line.ts';

/**
 * Below the frames of all these people, as on each one's device: on few cores it would take turns with them, and a turn is milliseconds. A
 * third of a share is left to it. Joins wait the longer for it, and that shows in them. On Linux a priority is of the thread that sets it.
 */
const PRIORITY = 5;

setPriority(PRIORITY);

const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};
const shares = new CpuShares(cpuMs);

parentPort?.on('message', (line: MessagePort) => {
  const desk = new AgreementDesk({ crypto: nodeMlsCrypto, clock: systemClock });
  line.on('message', async (ask: AskMessage) => {
    const { made, cpuMs: tookMs } = await shares.costOf(() => desk.answer(ask));
    line.postMessage({ ...made, tookMs } satisfies DeskAnswer);
  });
});
