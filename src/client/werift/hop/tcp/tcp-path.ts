import type { IceCandidate, IceParameters } from '../../../../base/rtp.ts';
import { CheckedPath, firstAnswered } from '../checked-path.ts';
import type { Attempt, PathEvents, Platform } from '../path.ts';
import { FramedSocket } from './framed-socket.ts';

/**
 * A path over TCP, for networks that carry no UDP (RFC 6544): we connect to each passive candidate, and take the first on
 * which the relay answers a check. Rejects with `transport.failed` where none does, as soon as that is known.
 */
export const tryTcp = (
  candidates: readonly IceCandidate[],
  remote: IceParameters,
  platform: Platform,
  events: PathEvents,
): Attempt => {
  const paths = candidates.map(
    (candidate) =>
      new CheckedPath({
        protocol: 'tcp',
        remote,
        platform,
        events,
        open: (channelEvents) => new FramedSocket(candidate, channelEvents),
        isLossy: false,
      }),
  );
  return firstAnswered(paths, 'the relay takes no TCP connection');
};
