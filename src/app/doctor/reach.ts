import type { Settings } from '../../config/settings.ts';
import type { OwnAddress } from '../reach/interfaces.ts';
import { reachOf } from '../reach/reach.ts';
import { type Finding, good, weak } from './finding.ts';

/** Whether anybody else can reach the relay, and whether what they are told is an address of this machine. */
export const checkReach = (settings: Settings, own: readonly OwnAddress[]): Finding => {
  const { secure, announced } = reachOf(settings, own);
  if (!secure)
    return weak('loopback only: nobody but this machine can join', '--lan serves the local network, by TLS');
  const foreign = announced.filter((address) => !own.some((one) => one.address === address));
  if (foreign.length === 0) return good(`clients are told ${announced.join(', ')}`);
  return weak(
    `clients are told ${foreign.join(', ')}, which this machine does not have`,
    'announce addresses of this machine, or see that the network brings them here and name --media-addresses',
  );
};
