import type { OpenSocket, Socket } from '../../src/client/connection/socket.ts';
import { openWebSocket } from '../../src/client/connection/web-socket.ts';

/** The platform's socket, with a hand on what comes out of it and on its life. */
export class Tapped {
  #live: { socket: Socket; onClose: (reason: string) => void } | undefined;
  readonly #alter: (text: string) => string;

  constructor(alter: (text: string) => string = (text) => text) {
    this.#alter = alter;
  }

  readonly open: OpenSocket = (url, handlers) => {
    const onMessage = (data: unknown) => handlers.onMessage(this.#alter(String(data)));
    const socket = openWebSocket(url, { ...handlers, onMessage });
    this.#live = { socket, onClose: handlers.onClose };
    return socket;
  };

  /** As a network does it: the server hears of it by itself, the client at once. */
  cut(): void {
    this.#live?.socket.close();
    this.#live?.onClose('');
  }
}

/** A relay that is not there while `isDown`: each attempt to reach it is closed. */
export class Unreachable {
  isDown = false;
  readonly #way: OpenSocket;

  constructor(way: OpenSocket) {
    this.#way = way;
  }

  readonly open: OpenSocket = (url, handlers) => {
    if (!this.isDown) return this.#way(url, handlers);
    queueMicrotask(() => handlers.onClose(''));
    return { send() {}, bufferedBytes: () => 0, close() {} };
  };
}
