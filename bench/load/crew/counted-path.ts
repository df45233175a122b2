import { createSocket, type Socket } from 'node:dgram';
import { BelfryError } from '../../../src/base/errors.ts';
import type { IceCandidate, IceParameters } from '../../../src/base/rtp.ts';
import type { Attempt, Path, PathEvents, Platform, TryUdp } from '../../../src/client/werift/hop/path.ts';
import { Checks, isStun } from '../../../src/client/werift/hop/tcp/checks.ts';

/** RFC 7675 section 5.1, as the SDK's other paths have it. */
const CONSENT_EVERY_MS = 5_000;
const CONSENT_LIMIT_MS = 30_000;
/** Until the first answer (RFC 8489 section 6.2.1). */
const REPEAT_EVERY_MS = 500;
/** The SDK's own sockets have as much (scripts/patches/werift.mjs). */
const RECEIVE_BUFFER_BYTES = 1 << 20;
/** The kernel takes it for the least that it keeps: what fills a buffer is not counted as dropped. */
const UNREAD_BUFFER_BYTES = 1;

/** Looks at datagrams before anything of the media stack does. */
export interface Counter {
  /** Whether the datagram goes on to DTLS and SRTP. */
  takes(datagram: Buffer): boolean;
}

/**
 * A UDP path with a socket of its own and the SDK's ICE checks: packets are counted in front of the media stack, and a
 * ghost's socket can be left unread while its consent goes on.
 */
class CountedPath implements Path {
  readonly protocol = 'udp';
  readonly #socket: Socket;
  readonly #checks: Checks;
  readonly #relay: IceCandidate;
  readonly #platform: Platform;
  readonly #events: PathEvents;
  readonly #counter: Counter;
  readonly #answered = Promise.withResolvers<Path>();
  #answeredMs = 0;
  #isRead = true;
  #inUse = false;
  #isClosed = false;
  #stopAsking: () => void = () => {};

  constructor(
    relay: IceCandidate,
    remote: IceParameters,
    platform: Platform,
    events: PathEvents,
    counter: Counter,
  ) {
    this.#relay = relay;
    this.#platform = platform;
    this.#events = events;
    this.#counter = counter;
    this.#checks = new Checks(remote, platform.randomBytes);
    this.#answered.promise.catch(() => {});
    const type = relay.address.includes(':') ? 'udp6' : 'udp4';
    this.#socket = createSocket({ type, recvBufferSize: RECEIVE_BUFFER_BYTES });
    this.#socket.on('message', (datagram) => this.#take(datagram));
    this.#socket.on('error', (cause) => this.#fail(cause));
    this.#ask(false, REPEAT_EVERY_MS);
  }

  get answered(): Promise<Path> {
    return this.#answered.promise;
  }

  /** Of its socket; `undefined` once that is closed. */
  get localPort(): number | undefined {
    try {
      return this.#socket.address().port;
    } catch {
      return undefined;
    }
  }

  use(): void {
    this.#inUse = true;
    this.#answeredMs = this.#platform.clock.nowMs();
    this.#ask(true, CONSENT_EVERY_MS);
  }

  /** Nothing, once it is closed: whoever sends learns of that a little later. */
  send(datagram: Buffer): void {
    if (this.#isClosed) return;
    this.#socket.send(datagram, this.#relay.port, this.#relay.address);
  }

  close(): void {
    this.#stopAsking();
    if (!this.#isClosed) this.#socket.close();
    this.#isClosed = true;
    this.#inUse = false;
  }

  /** From now on the kernel drops what arrives, and counts. Consent is still asked for; answers are not looked for. */
  leaveUnread(): void {
    stopReading(this.#socket);
    this.#socket.setRecvBufferSize(UNREAD_BUFFER_BYTES);
    this.#isRead = false;
  }

  #ask(nominate: boolean, everyMs: number): void {
    const ask = () => {
      this.send(this.#checks.request(nominate));
      const silentMs = this.#platform.clock.nowMs() - this.#answeredMs;
      if (this.#inUse && this.#isRead && silentMs >= CONSENT_LIMIT_MS) this.#fail(undefined);
    };
    this.#stopAsking();
    this.#stopAsking = this.#platform.clock.every(everyMs, ask);
    ask();
  }

  #take(datagram: Buffer): void {
    if (!isStun(datagram)) {
      if (this.#inUse && this.#counter.takes(datagram)) this.#events.onDatagram(datagram);
    } else if (this.#checks.isAnswer(datagram)) {
      this.#answeredMs = this.#platform.clock.nowMs();
      this.#answered.resolve(this);
    }
  }

  #fail(cause: Error | undefined): void {
    const wasInUse = this.#inUse;
    this.close();
    this.#answered.reject(new BelfryError('transport.failed', 'the UDP path ended', { cause }));
    if (wasInUse) this.#events.onState('failed');
  }
}

interface UdpHandle {
  recvStop(): number;
}

/** Node's sockets have no word for it: the handle below has. */
const stopReading = (socket: Socket): void => {
  const state = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === 'state symbol',
  );
  const handle = state && (socket as unknown as Record<symbol, { handle?: UdpHandle }>)[state]?.handle;
  if (typeof handle?.recvStop !== 'function')
    throw new BelfryError(
      'load.ghost',
      'this Node does not let a socket be left unread: ghosts cannot be made',
    );
  handle.recvStop();
};

/** Every path that one participant opened, and the way to open them. */
export class CountedPaths {
  readonly #platform: Platform;
  readonly #counter: Counter;
  readonly #paths: CountedPath[] = [];

  constructor(platform: Platform, counter: Counter) {
    this.#platform = platform;
    this.#counter = counter;
  }

  readonly tryUdp: TryUdp = (candidates, remote, events): Attempt => {
    const [relay] = candidates;
    if (relay === undefined)
      throw new BelfryError('transport.unreachable', 'the relay offered no UDP address');
    const path = new CountedPath(relay, remote, this.#platform, events, this.#counter);
    this.#paths.push(path);
    return { found: path.answered, cancel: () => path.close() };
  };

  get localPorts(): number[] {
    return this.#paths.flatMap(({ localPort }) => localPort ?? []);
  }

  leaveUnread(): void {
    for (const path of this.#paths) if (path.localPort !== undefined) path.leaveUnread();
  }
}
