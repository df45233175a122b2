import { BelfryError } from '../../../base/errors.ts';
import type { IceParameters } from '../../../base/rtp.ts';
import type { UsableCandidates } from './candidates.ts';
import type { Attempt, Path, PathEvents, Platform } from './path.ts';
import { tryTcp } from './tcp/tcp-path.ts';
import type { TurnAccess } from './turn/allocation.ts';
import { tryTurn } from './turn/turn-path.ts';
import { tryUdp } from './udp-path.ts';

/**
 * How long UDP is given before TCP is tried beside it. Longer, and a person behind a firewall waits for nothing; shorter,
 * and slow paths end on TCP, where one lost packet holds up all that follow.
 */
const TCP_HEAD_START_MS = 1_000;
/** The same before the first TURN server, which costs the deployment every byte twice. */
const TURN_HEAD_START_MS = 2_000;
/** Before each further one: they are told with the best first, which is UDP. */
const NEXT_TURN_AFTER_MS = 500;

export interface Search {
  readonly candidates: UsableCandidates;
  readonly servers: readonly TurnAccess[];
  readonly remote: IceParameters;
}

/**
 * The first path on which the relay answers: UDP first, then TCP, then TURN. Throws `transport.unreachable` where the relay
 * offered no address that can be used; `found` rejects with `transport.failed` once nothing is left to wait for.
 */
export const findPath = (
  { candidates: { udp, tcp, afar }, servers, remote }: Search,
  platform: Platform,
  events: PathEvents,
): Attempt => {
  if (udp.length + tcp.length === 0) {
    throw new BelfryError('transport.unreachable', 'the relay offered no address that can be used');
  }
  const attempts: Attempt[] = [];
  if (udp.length > 0) attempts.push((platform.tryUdp ?? tryUdp)(udp, remote, events));
  const startTcp = () => tryTcp(tcp, remote, platform, events);
  if (tcp.length > 0) attempts.push(later(platform, udp.length > 0 ? TCP_HEAD_START_MS : 0, startTcp));
  if (afar.length > 0) {
    for (const [i, access] of servers.entries()) {
      const start = () => tryTurn(access, afar, remote, platform, events);
      attempts.push(later(platform, TURN_HEAD_START_MS + i * NEXT_TURN_AFTER_MS, start));
    }
  }
  return firstOf(attempts);
};

const firstOf = (attempts: readonly Attempt[]): Attempt => {
  const cancel = () => {
    for (const attempt of attempts) attempt.cancel();
  };
  const won = attempts.map(async (attempt) => ({ attempt, path: await attempt.found }));
  const found = Promise.any(won).then(
    ({ attempt, path }): Path => {
      for (const other of attempts) if (other !== attempt) other.cancel();
      path.use();
      return path;
    },
    ({ errors: [first] }: AggregateError) => {
      throw first;
    },
  );
  return { found, cancel };
};

/** An attempt that starts after `delayMs`, unless it is cancelled before. */
const later = ({ clock }: Platform, delayMs: number, start: () => Attempt): Attempt => {
  const found = Promise.withResolvers<Path>();
  let started: Attempt | undefined;
  const begin = () => {
    started = start();
    started.found.then(found.resolve, found.reject);
  };
  const stop = clock.after(delayMs, begin);
  return {
    found: found.promise,
    cancel: () => {
      stop();
      started?.cancel();
    },
  };
};
