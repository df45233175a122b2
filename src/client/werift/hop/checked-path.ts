import type { Clock } from '../../../base/clock.ts';
import { BelfryError } from '../../../base/errors.ts';
import type { IceParameters } from '../../../base/rtp.ts';
import type { Attempt, Path, PathEvents, Platform } from './path.ts';
import { Checks, isStun } from './tcp/checks.ts';
import { Repeats } from './tcp/repeats.ts';

/** RFC 7675 section 5.1: asked each five seconds, given up after thirty without an answer. */
const CONSENT_EVERY_MS = 5_000;
const CONSENT_LIMIT_MS = 30_000;
/** Until the first answer, where a check may be lost: RFC 8489 section 6.2.1 begins with as much. */
const REPEAT_EVERY_MS = 500;

/** What carries datagrams to one candidate of the relay and back. */
export interface Channel {
  send(datagram: Buffer): void;
  close(): void;
}

export interface ChannelEvents {
  onOpen(): void;
  onDatagram(datagram: Buffer): void;
  /** Ended, refused or broken; told once, and not after `close`. */
  onEnd(why: Error | undefined): void;
}

export interface CheckedPathOptions {
  readonly protocol: Path['protocol'];
  readonly remote: IceParameters;
  readonly platform: Platform;
  readonly events: PathEvents;
  readonly open: (events: ChannelEvents) => Channel;
  /** What is sent may be lost on its way. */
  readonly isLossy: boolean;
}

/** A path over a channel that somebody else opens, with the checks of ICE and of consent upon it. */
export class CheckedPath implements Path {
  readonly protocol: Path['protocol'];
  readonly #channel: Channel;
  readonly #checks: Checks;
  readonly #repeats = new Repeats();
  readonly #clock: Clock;
  readonly #events: PathEvents;
  readonly #isLossy: boolean;
  readonly #answered = Promise.withResolvers<Path>();
  #answeredMs = 0;
  #inUse = false;
  #stopRepeating: () => void = () => {};
  #stopRenewing: () => void = () => {};

  constructor({ protocol, remote, platform, events, open, isLossy }: CheckedPathOptions) {
    this.protocol = protocol;
    this.#checks = new Checks(remote, platform.randomBytes);
    this.#clock = platform.clock;
    this.#events = events;
    this.#isLossy = isLossy;
    this.#channel = open({
      onOpen: () => this.#ask(false),
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
    this.#ask(true);
    this.#stopRenewing = this.#clock.every(CONSENT_EVERY_MS, () => this.#renewConsent());
  }

  send(datagram: Buffer): void {
    this.#channel.send(datagram);
  }

  close(): void {
    this.#stopRepeating();
    this.#stopRenewing();
    this.#inUse = false;
    this.#channel.close();
  }

  #ask(nominate: boolean): void {
    const ask = () => this.#channel.send(this.#checks.request(nominate));
    this.#stopRepeating();
    ask();
    if (this.#isLossy) this.#stopRepeating = this.#clock.every(REPEAT_EVERY_MS, ask);
  }

  #take(datagram: Buffer): void {
    if (!isStun(datagram)) {
      if (this.#inUse && !this.#repeats.isRepeat(datagram)) this.#events.onDatagram(datagram);
    } else if (this.#checks.isAnswer(datagram)) {
      this.#stopRepeating();
      this.#answeredMs = this.#clock.nowMs();
      this.#answered.resolve(this);
    }
  }

  #renewConsent(): void {
    if (this.#clock.nowMs() - this.#answeredMs >= CONSENT_LIMIT_MS) this.#fail(undefined);
    else this.#channel.send(this.#checks.request(true));
  }

  #fail(cause: Error | undefined): void {
    this.#answered.reject(
      new BelfryError('transport.failed', `the ${this.protocol} connection ended`, { cause }),
    );
    const wasInUse = this.#inUse;
    this.close();
    if (wasInUse) this.#events.onState('failed');
  }
}

/** The first that the relay answers on; the others are closed. Rejects with `transport.failed` once none is left. */
export const firstAnswered = (paths: readonly CheckedPath[], whyNone: string): Attempt => {
  const cancel = () => {
    for (const path of paths) path.close();
  };
  const found = Promise.any(paths.map((path) => path.answered)).then(
    (first) => {
      for (const path of paths) if (path !== first) path.close();
      return first;
    },
    (cause: unknown) => {
      throw new BelfryError('transport.failed', whyNone, { cause });
    },
  );
  return { found, cancel };
};
