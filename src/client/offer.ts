import type { IceServer, TransportOffer } from '../base/media.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { parseTurnUrl, turnUrlOf } from '../base/turn-url.ts';
import { ipBytes } from '../trust/hosts/ip.ts';

/**
 * What a relay may have its clients connect to: addresses. A name would be looked up, by whatever the device asks for
 * names, and would tell it of the meeting. Candidates with names are left out, as other ICE agents may offer such (RFC
 * 8839 section 5.1); a TURN server with a name is refused (`transport.ice-server`), because no relay of ours has one.
 */
export const judgeOffer = (offer: TransportOffer): Result<TransportOffer> => {
  const { iceServers: offered, ...rest } = offer;
  const iceCandidates = offer.iceCandidates.filter(({ address }) => ipBytes(address) !== undefined);
  if (offered === undefined) return ok({ ...rest, iceCandidates });
  const iceServers = offered.map(judged);
  if (iceServers.some((server) => server === undefined))
    return refuse(
      'transport.ice-server',
      'the relay named a TURN server by something other than its address',
    );
  return ok({ ...rest, iceCandidates, iceServers: iceServers.filter((server) => server !== undefined) });
};

/** With the URLs written anew: what is connected to is what was understood here. */
const judged = (server: IceServer): IceServer | undefined => {
  const read = server.urls.map(parseTurnUrl);
  const urls = read.flatMap((one) => (one === undefined ? [] : [turnUrlOf(one)]));
  return urls.length === read.length ? { ...server, urls } : undefined;
};
