import { isIP } from 'node:net';
import { IceCandidate, RTCIceGatherer, RTCIceParameters, RTCIceTransport } from 'werift';
import { BelfryError } from '../../../base/errors.ts';
import type { IceCandidate as Candidate, IceParameters } from '../../../base/rtp.ts';
import { isLoopback } from './candidates.ts';

const FAMILIES = [
  { family: 4, any: '0.0.0.0', loopback: '127.0.0.1' },
  { family: 6, any: '::', loopback: '::1' },
] as const;

/**
 * An ICE agent with one UDP socket per address family that the relay offers, on loopback alone where the relay is only
 * there. The relay is ICE-lite and learns our addresses from the checks, so none is gathered from interfaces.
 */
export const createIce = (candidates: readonly Candidate[]): RTCIceTransport => {
  const addresses = FAMILIES.flatMap(({ family, any, loopback }) => {
    const offered = candidates.filter(({ address }) => isIP(address) === family);
    if (offered.length === 0) return [];
    return offered.every(({ address }) => isLoopback(address)) ? loopback : any;
  });
  if (addresses.length === 0) {
    throw new BelfryError('transport.unreachable', 'the relay offered no UDP address that can be used');
  }
  const [udp4, udp6] = [4, 6].map((family) => addresses.find((address) => isIP(address) === family));
  const gatherer = new RTCIceGatherer({
    useIpv4: false,
    useIpv6: false,
    additionalHostAddresses: addresses,
    interfaceAddresses: { ...(udp4 && { udp4 }), ...(udp6 && { udp6 }) },
  });
  // Without this werift asks stun.l.google.com, whatever the options say.
  delete gatherer.connection.stunServer;
  gatherer.connection.iceControlling = true;
  return new RTCIceTransport(gatherer);
};

/** Gives the agent the relay's side. */
export const setRemote = async (
  ice: RTCIceTransport,
  { usernameFragment, password }: IceParameters,
  candidates: readonly Candidate[],
): Promise<void> => {
  ice.setRemoteParams(new RTCIceParameters({ iceLite: true, usernameFragment, password }));
  await ice.gather();
  for (const { foundation, address, port, priority, protocol, type } of candidates) {
    await ice.addRemoteCandidate(new IceCandidate(1, foundation, address, port, priority, protocol, type));
  }
  await ice.addRemoteCandidate(undefined);
};
