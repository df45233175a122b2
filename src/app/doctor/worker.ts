import { inspectWorkerBinary } from '../../sfu/engine/mediasoup/binary.ts';
import { bad, type Finding, good } from './finding.ts';

/** Whether the media worker can run here and belongs to the npm package beside it. */
export const checkWorker = async (workerBin: string | undefined): Promise<Finding> => {
  if (workerBin === undefined)
    return bad('no media worker is named', 'start with npm, which builds one, or name one with --worker-bin');
  const inspected = await inspectWorkerBinary(workerBin);
  if (!inspected.ok)
    return bad(inspected.refusal.message, inspected.refusal.remedy ?? 'build it: node native/build.mjs');
  return good(inspected.value);
};
