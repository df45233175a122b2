import type { IceServer } from '../../../../base/media.ts';
import type { IceCandidate, IceParameters } from '../../../../base/rtp.ts';
import { parseTurnUrl } from '../../../../base/turn-url.ts';
import { CheckedPath, firstAnswered } from '../checked-path.ts';
import type { Attempt, PathEvents, Platform } from '../path.ts';
import { Allocation, type TurnAccess } from './allocation.ts';

/** An allocation each while the search lasts. */
const MAX_SERVERS = 8;

/** The ways to TURN servers that are named by address: a name would be looked up, and nothing here may be. */
export const usableServers = (servers: readonly IceServer[]): readonly TurnAccess[] =>
  servers
    .flatMap(({ urls, ...access }) => urls.flatMap((url) => ({ server: parseTurnUrl(url), ...access })))
    .filter((access): access is TurnAccess => access.server !== undefined)
    .slice(0, MAX_SERVERS);

/** A path through one TURN server, to those of the relay's addresses that a server elsewhere can reach, over UDP. */
export const tryTurn = (
  access: TurnAccess,
  candidates: readonly IceCandidate[],
  remote: IceParameters,
  platform: Platform,
  events: PathEvents,
): Attempt => {
  const allocation = new Allocation(access, platform);
  const paths = candidates.map(
    (candidate) =>
      new CheckedPath({
        protocol: 'turn',
        remote,
        platform,
        events,
        open: (channelEvents) => allocation.channelTo(candidate, channelEvents),
        isLossy: true,
      }),
  );
  return firstAnswered(paths, 'the TURN server forwards nothing to the relay');
};
