import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/** Both ends of each TCP connection within this process, by the port of the end that opened it. */
export class SocketsInFlight {
  readonly #openers = new Set<Socket>();
  readonly #others = new Map<number, Socket>();

  constructor() {
    subscribe('net.client.socket', this.#onOpener);
    subscribe('net.server.socket', this.#onOther);
  }

  end(): void {
    unsubscribe('net.client.socket', this.#onOpener);
    unsubscribe('net.server.socket', this.#onOther);
  }

  /** Whether one end wrote what the other has not read yet, or nobody has taken a connection yet. */
  get areAny(): boolean {
    for (const socket of this.#openers) if (this.#isUnderWay(socket)) return true;
    return false;
  }

  readonly #onOpener = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    this.#openers.add(socket);
    socket.once('close', () => this.#openers.delete(socket));
  };

  readonly #onOther = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    const { remotePort } = socket;
    if (remotePort !== undefined) this.#others.set(remotePort, socket);
  };

  /** What a closed end was sent comes nowhere. */
  #isUnderWay(socket: Socket): boolean {
    if (socket.destroyed) return false;
    const other = this.#others.get(socket.localPort ?? 0);
    if (socket.connecting || other === undefined) return true;
    if (other.destroyed) return false;
    return socket.bytesWritten !== other.bytesRead || other.bytesWritten !== socket.bytesRead;
  }
}
