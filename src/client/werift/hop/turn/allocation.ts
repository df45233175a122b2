import { classes, Message, methods, TurnProtocol } from 'werift';
import { withDeadline } from '../../../../base/deadline.ts';
import type { IceServer } from '../../../../base/media.ts';
import type { TurnServer } from '../../../../base/turn-url.ts';
import type { Channel, ChannelEvents } from '../checked-path.ts';
import type { Platform } from '../path.ts';
import type { Endpoint } from '../tcp/framed-socket.ts';
import { openLeg } from './leg.ts';

/** RFC 8656 section 3.2, what servers grant unasked; werift renews it at five sixths. */
const LIFETIME_SECONDS = 600;
/** Each renews its permission too, and those last 300 s (section 9): half a minute and a lost answer to spare. */
const REBIND_EVERY_SECONDS = 240;
/** What may wait while a channel is bound anew. Media is sent on bound ones only: more is late already. */
const MAX_WAITING_BYTES = 131_072;
/** A server that is told in vain forgets the allocation by itself, ten minutes later. */
const RELEASE_WITHIN_MS = 1_000;

export interface TurnAccess extends Pick<IceServer, 'username' | 'credential'> {
  readonly server: TurnServer;
}

type Transport = ConstructorParameters<typeof TurnProtocol>[4];

const keyOf = (address: string, port: number): string => `${address} ${port}`;

/** An address on a TURN server that forwards to the relay for us (RFC 8656), as long as a channel to it is open. */
export class Allocation {
  readonly #platform: Platform;
  readonly #turn: TurnProtocol;
  readonly #leg: Channel;
  readonly #channels = new Map<string, ChannelEvents>();
  #state: 'connecting' | 'asking' | 'allocated' = 'connecting';
  #ended = false;
  #waitingBytes = 0;

  constructor({ server, username, credential }: TurnAccess, platform: Platform) {
    const from = [server.address, server.port] as const;
    const transport: Transport = {
      // Framed and padded below it where it is a stream, so that werift keeps no bytes of its own.
      type: 'udp',
      onData: () => {},
      send: async (message) => this.#leg.send(message),
      close: async () => this.#leg.close(),
      closed: false,
      address: { address: server.address, port: server.port, family: '' },
    };
    const options = { channelRefreshTime: REBIND_EVERY_SECONDS };
    this.#platform = platform;
    this.#turn = new TurnProtocol(from, username, credential, LIFETIME_SECONDS, transport, options);
    this.#turn.onData.subscribe((data, [address, port]) =>
      this.#channels.get(keyOf(address, port))?.onDatagram(data),
    );
    this.#leg = openLeg(server, {
      onOpen: () => void this.#allocate(),
      onDatagram: (message) => transport.onData(message, from),
      onEnd: (why) => this.#end(why),
    });
  }

  /** To one address of the relay. */
  channelTo({ address, port }: Endpoint, events: ChannelEvents): Channel {
    const key = keyOf(address, port);
    this.#channels.set(key, events);
    return {
      send: (datagram) => this.#send(datagram, [address, port]),
      close: () => this.#forget(key),
    };
  }

  async #allocate(): Promise<void> {
    this.#state = 'asking';
    try {
      await this.#turn.connectionMade();
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(String(error)));
      return this.#turn.close();
    }
    this.#state = 'allocated';
    if (this.#ended) return this.#release();
    for (const events of this.#channels.values()) events.onOpen();
  }

  /** To an address that the server does not forward to, everything is lost: another channel may still answer. */
  #send(datagram: Buffer, to: [string, number]): void {
    if (this.#ended || this.#waitingBytes + datagram.length > MAX_WAITING_BYTES) return;
    this.#waitingBytes += datagram.length;
    const done = () => {
      this.#waitingBytes -= datagram.length;
    };
    void this.#turn.sendData(datagram, to).then(done, done);
  }

  #forget(key: string): void {
    this.#channels.delete(key);
    if (this.#ended || this.#channels.size > 0) return;
    this.#ended = true;
    if (this.#state === 'connecting') void this.#turn.close();
    if (this.#state === 'allocated') void this.#release();
    // While the server is asked its answer is waited for: it may have granted what must be given back.
  }

  #end(why: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    void this.#turn.close();
    for (const events of [...this.#channels.values()]) events.onEnd(why);
  }

  /** Ports of the server are few: ours is given back at once (section 7: a lifetime of nothing). */
  async #release(): Promise<void> {
    const request = new Message(methods.REFRESH, classes.REQUEST);
    request.setAttribute('LIFETIME', 0);
    const abort = new AbortController();
    const released = this.#turn.requestWithRetry(request, this.#turn.server, abort.signal);
    await withDeadline(this.#platform.clock, RELEASE_WITHIN_MS, 'the TURN server', released).catch(() => {});
    abort.abort();
    await this.#turn.close();
  }
}
