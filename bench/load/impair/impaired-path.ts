import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { Held } from './held.ts';
import type { LaneCounts } from './lane.ts';
import { type Impairments, type Lanes, lanesOf, type Way } from './lanes.ts';

/** A UDP port that stands for a server's, and does to packets on their way what it is told. */
export interface ImpairedPath {
  /** On loopback: what clients send to in place of the server's. */
  readonly port: number;
  /** From now on; counts begin anew. The same seed and packets meet the same fates. */
  impair(impairments: Impairments, seed: number): void;
  /** Since `impair` was called last. */
  counts(way: Way): LaneCounts;
  close(): void;
}

/** Clients by address; each has a socket of its own towards the server, which tells them apart by it. */
const MAX_CLIENTS = 1_024;
/** A second of 100 Mbit/s in packets of 1,200 bytes; more is dropped, and told as not held. */
export const MAX_HELD_PACKETS = 10_000;
const LOOPBACK = '127.0.0.1';

interface Outgoing {
  readonly packet: Uint8Array;
  readonly send: (packet: Uint8Array) => void;
}

class UdpPath implements ImpairedPath {
  readonly #server: { readonly port: number; readonly address: string };
  readonly #front: Socket;
  readonly #clients = new Map<string, Socket>();
  readonly #held = new Held<Outgoing>(MAX_HELD_PACKETS);
  #lanes: Lanes = lanesOf({}, 0);
  #timer: NodeJS.Timeout | undefined;

  constructor(front: Socket, server: { readonly port: number; readonly address: string }) {
    this.#front = front;
    this.#server = server;
    front.on('message', (packet, from) => this.#up(packet, from));
  }

  get port(): number {
    return this.#front.address().port;
  }

  impair(impairments: Impairments, seed: number): void {
    this.#lanes = lanesOf(impairments, seed, this.#lanes);
  }

  counts(way: Way): LaneCounts {
    return this.#lanes[way].counts;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#front.close();
    for (const socket of this.#clients.values()) socket.close();
    this.#clients.clear();
  }

  #up(packet: Uint8Array, from: RemoteInfo): void {
    const socket = this.#socketOf(from);
    const { port, address } = this.#server;
    if (socket !== undefined) this.#pass('up', packet, (bytes) => socket.send(bytes, port, address));
  }

  /** `undefined` for a client too many: it reaches nothing. */
  #socketOf(from: RemoteInfo): Socket | undefined {
    const name = `${from.address}:${from.port}`;
    const known = this.#clients.get(name);
    if (known !== undefined || this.#clients.size >= MAX_CLIENTS) return known;
    const socket = createSocket('udp4');
    const back = (bytes: Uint8Array) => this.#front.send(bytes, from.port, from.address);
    socket.on('message', (packet) => this.#pass('down', packet, back));
    // A server that is gone answers by ICMP; media goes on or ends by its own rules.
    socket.on('error', () => {});
    this.#clients.set(name, socket);
    return socket;
  }

  #pass(way: Way, packet: Uint8Array, send: Outgoing['send']): void {
    const nowMs = performance.now();
    const lane = this.#lanes[way];
    const fate = lane.fateOf(packet.length, nowMs);
    if (fate.kind !== 'leaves') return;
    if (fate.atMs <= nowMs && this.#held.nextMs === undefined) send(packet);
    else if (this.#held.add(fate.atMs, { packet, send })) this.#arm();
    else lane.unheld();
  }

  #arm(): void {
    const { nextMs } = this.#held;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (nextMs === undefined) return;
    this.#timer = setTimeout(() => this.#release(), Math.max(0, Math.ceil(nextMs - performance.now())));
  }

  #release(): void {
    for (const { packet, send } of this.#held.takeDue(performance.now())) send(packet);
    this.#arm();
  }
}

/** In front of a server's UDP port, on this machine unless an IPv4 address says otherwise. Impairs nothing until it is told to. */
export const openImpairedPath = async (port: number, address = LOOPBACK): Promise<ImpairedPath> => {
  const front = createSocket('udp4');
  front.bind(0, LOOPBACK);
  await once(front, 'listening');
  return new UdpPath(front, { port, address });
};
