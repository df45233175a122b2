import { isIP } from 'node:net';
import type { IceCandidate } from '../../../base/rtp.ts';

/** mediasoup offers a handful; more would only multiply connectivity checks. */
const MAX_CANDIDATES = 16;

export interface UsableCandidates {
  readonly udp: readonly IceCandidate[];
  readonly tcp: readonly IceCandidate[];
  /** Those over UDP that mean the relay on another machine than its own too: a TURN server's loopback is not the relay's. */
  readonly afar: readonly IceCandidate[];
}

export const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.');

/** Candidates that are literal addresses: a name would be looked up, and nothing here may be. */
export const usableCandidates = (candidates: readonly IceCandidate[]): UsableCandidates => {
  const literal = candidates.filter(({ address }) => isIP(address) !== 0);
  const udp = literal.filter(({ protocol }) => protocol === 'udp').slice(0, MAX_CANDIDATES);
  return {
    udp,
    afar: udp.filter(({ address }) => !isLoopback(address)),
    tcp: literal
      .filter(({ protocol, tcpType }) => protocol === 'tcp' && tcpType === 'passive')
      .slice(0, MAX_CANDIDATES),
  };
};
