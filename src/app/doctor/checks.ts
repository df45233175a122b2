import { messageOf } from '../../base/errors.ts';
import { systemClock } from '../../base/platform.ts';
import type { Settings } from '../../config/settings.ts';
import { socketBufferLimits } from '../../sfu/engine/mediasoup/engine.ts';
import { ownAddresses } from '../reach/interfaces.ts';
import { reachOf } from '../reach/reach.ts';
import { workerCountOf } from '../start.ts';
import { checkCertificate } from './certificate.ts';
import { bad, type Check, type Finding } from './finding.ts';
import { checkClock, checkDescriptors, judgeBuffers, judgeNode } from './machine.ts';
import { checkNames } from './names.ts';
import { checkPorts } from './ports.ts';
import { checkReach } from './reach.ts';
import { startAndStop } from './trial.ts';
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
