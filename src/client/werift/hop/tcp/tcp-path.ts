import type { Clock } from '../../../../base/clock.ts';
import { BelfryError } from '../../../../base/errors.ts';
import type { IceCandidate, IceParameters } from '../../../../base/rtp.ts';
import type { Attempt, Path, PathEvents, Platform } from '../path.ts';
import { Checks, isStun } from './checks.ts';
import { FramedSocket } from './framed-socket.ts';
import { Repeats } from './repeats.ts';

/** RFC 7675 section 5.1: asked each five seconds, given up after thirty without an answer. */
const CONSENT_EVERY_MS = 5_000;
const CONSENT_LIMIT_MS = 30_000;

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
  const paths = candidates.map((candidate) => new TcpPath(candidate, remote, platform, events));
  const cancel = () => {
    for (const path of paths) path.close();
  };
  const found = Promise.any(paths.map((path) => path.answered)).then(
    (first) => {
      for (const path of paths) if (path !== first) path.close();
      return first;
    },
    (cause: unknown) => {
      throw new BelfryError('transport.failed', 'the relay takes no TCP connection', { cause });
    },
  );
  return { found, cancel };
};

class TcpPath implements Path {
  readonly protocol = 'tcp';
  readonly #socket: FramedSocket;
  readonly #checks: Checks;
  readonly #repeats = new Repeats();
  readonly #clock: Clock;
  readonly #events: PathEvents;
  readonly #answered = Promise.withResolvers<Path>();
  #answeredMs = 0;
  #inUse = false;
  #stop: () => void = () => {};

  constructor(candidate: IceCandidate, remote: IceParameters, platform: Platform, events: PathEvents) {
    this.#checks = new Checks(remote, platform.randomBytes);
    this.#clock = platform.clock;
    this.#events = events;
    this.#socket = new FramedSocket(candidate, {
      onOpen: () => this.#socket.send(this.#checks.request(false)),
      onDatagram: (datagram) => this.#take(datagram),
      onEnd: (why) => this.#fail(why),
    });
    this.#answered.promise.catch(() => {});
  }

  get answered(): Promise<Path> {
    return this.#answered.promise;
  }

  use(): void {
    this.#inUse = true;
    this.#answeredMs = this.#clock.nowMs();
    this.#socket.send(this.#checks.request(true));
    this.#stop = this.#clock.every(CONSENT_EVERY_MS, () => this.#renewConsent());
  }

  send(datagram: Buffer): void {
    this.#socket.send(datagram);
  }

  close(): void {
    this.#stop();
    this.#inUse = false;
    this.#socket.close();
  }

  #take(datagram: Buffer): void {
    if (!isStun(datagram)) {
      if (this.#inUse && !this.#repeats.isRepeat(datagram)) this.#events.onDatagram(datagram);
    } else if (this.#checks.isAnswer(datagram)) {
      this.#answeredMs = this.#clock.nowMs();
      this.#answered.resolve(this);
    }
  }

  #renewConsent(): void {
    if (this.#clock.nowMs() - this.#answeredMs >= CONSENT_LIMIT_MS) this.#fail(undefined);
    else this.#socket.send(this.#checks.request(true));
  }

  #fail(cause: Error | undefined): void {
    this.#answered.reject(new BelfryError('transport.failed', 'the TCP connection ended', { cause }));
    const wasInUse = this.#inUse;
    this.close();
    if (wasInUse) this.#events.onState('failed');
  }
}
