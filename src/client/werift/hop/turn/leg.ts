import { createSocket, type Socket } from 'node:dgram';
import { connect as connectTls } from 'node:tls';
import type { TurnServer } from '../../../../base/turn-url.ts';
import type { Channel, ChannelEvents } from '../checked-path.ts';
import { FramedSocket, RTP_STREAM, type Stream } from '../tcp/framed-socket.ts';
import { measureTurn, padTurn } from './frames.ts';

/** Messages between us and the TURN server. werift's own transports queue without bound, and tell of no end. */
export const openLeg = (server: TurnServer, events: ChannelEvents): Channel =>
  LEGS[server.transport](server, events);

const TURN_OVER_TCP: Stream = { ...RTP_STREAM, measure: measureTurn, toFrame: padTurn };
/** The certificate must be for the address, and of a root that this process trusts: Node checks both (RFC 8656 section 3.1). */
const TURN_OVER_TLS: Stream = {
  ...TURN_OVER_TCP,
  connect: ({ address, port }) => connectTls({ host: address, port }).setNoDelay(true),
  openEvent: 'secureConnect',
};

const LEGS: {
  readonly [T in TurnServer['transport']]: (server: TurnServer, events: ChannelEvents) => Channel;
} = {
  udp: (server, events) => new UdpLeg(server, events),
  tcp: (server, events) => new FramedSocket(server, events, TURN_OVER_TCP),
  tls: (server, events) => new FramedSocket(server, events, TURN_OVER_TLS),
};

/** Connected, so that only the server is heard, and its machine's refusal is told. */
class UdpLeg implements Channel {
  readonly #socket: Socket;
  readonly #events: ChannelEvents;
  #wasHeard = false;
  #ended = false;

  constructor({ address, port }: TurnServer, events: ChannelEvents) {
    this.#events = events;
    this.#socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    this.#socket.on('message', (message) => this.#hear(message));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.connect(port, address, () => !this.#ended && events.onOpen());
  }

  send(message: Buffer): void {
    if (!this.#ended) this.#socket.send(message, (error) => error && this.#fail(error));
  }

  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#socket.close();
  }

  #hear(message: Buffer): void {
    this.#wasHeard = true;
    if (!this.#ended) this.#events.onDatagram(message);
  }

  /** Whoever is on the way can say that nobody is there: once the server was heard, only its silence counts. */
  #fail(error: Error): void {
    if (this.#ended || this.#wasHeard) return;
    this.close();
    this.#events.onEnd(error);
  }
}
