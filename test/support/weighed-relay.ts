/**
 * The relay of the signaling benchmark, which tells what it holds: at a message of its parent it collects its garbage and
 * answers the bytes that are left.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import '../../bench/signaling/relay.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

process.on('message', () => {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.(heapUsed + external);
});
