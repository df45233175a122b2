import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { silentLogger } from '../../base/logger.ts';
import { systemClock } from '../../base/platform.ts';
import type { Settings } from '../../config/settings.ts';
import { socketBufferLimits } from '../../sfu/engine/mediasoup/engine.ts';
import { ownAddresses } from '../reach/interfaces.ts';
import { reachOf } from '../reach/reach.ts';
import { startBelfry, workerCountOf } from '../start.ts';
import { checkCertificate } from './certificate.ts';
import { bad, type Check, type Finding } from './finding.ts';
import { checkClock, checkDescriptors, judgeBuffers, judgeNode } from './machine.ts';
import { checkNames } from './names.ts';
import { checkPorts } from './ports.ts';
import { checkReach } from './reach.ts';
import { checkTurn } from './turn.ts';
import { checkWorker } from './worker.ts';

const CHECKS: readonly Check[] = [
  { name: 'Node', run: () => judgeNode(process.version) },
  { name: 'media worker', run: (settings) => checkWorker(settings.workerBin) },
  { name: 'open files', run: checkDescriptors },
  { name: 'buffers', run: () => judgeBuffers(socketBufferLimits()) },
  { name: 'clock', run: checkClock },
  {
    name: 'ports',
    run: (settings) => checkPorts(settings, reachOf(settings, ownAddresses()), workerCountOf(settings)),
  },
  { name: 'reach', run: (settings) => checkReach(settings, ownAddresses()) },
  {
    name: 'certificate',
    run: (settings) => checkCertificate(settings, ownAddresses(), systemClock.unixMs()),
  },
  { name: 'turn', run: (settings) => checkTurn(settings, reachOf(settings, ownAddresses())) },
  { name: 'names', run: (settings) => checkNames(() => startAndStop(settings)) },
];

/** In a state folder of its own: looking must not make the deployment's authority. */
const startAndStop = async (settings: Settings): Promise<void> => {
  const stateDir = await mkdtemp(join(tmpdir(), 'belfry-doctor-'));
  try {
    const freePorts = { ...settings, stateDir, port: 0, metricsPort: 0, mediaPort: 0, workers: 1 };
    const belfry = await startBelfry(freePorts, silentLogger);
    await belfry.stop();
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
};

/** Runs every check, whatever the others find, and tells each result as it comes. */
export const runChecks = async (
  settings: Settings,
  tell: (name: string, finding: Finding) => void,
): Promise<Finding[]> => {
  const findings: Finding[] = [];
  for (const check of CHECKS) {
    const finding = await runCheck(check, settings);
    tell(check.name, finding);
    findings.push(finding);
  }
  return findings;
};

const runCheck = async (check: Check, settings: Settings): Promise<Finding> => {
  try {
    return await check.run(settings);
  } catch (error) {
    return bad(messageOf(error), 'see above: this check could not end');
  }
};
