import { WebSocket } from 'ws';
import type { OpenSocket, Socket } from '../../src/client/connection/socket.ts';
import { SUBPROTOCOL } from '../../src/signaling/protocol/messages.ts';

/** Sockets of one client that can stop reading: what comes then waits in buffers on the way, as behind a device that hangs. */
export class Stalling {
  /** As often as it had to dial. */
  dials = 0;
  #live: WebSocket | undefined;

  readonly open: OpenSocket = (url, handlers): Socket => {
    const socket = new WebSocket(url, SUBPROTOCOL, { perMessageDeflate: false });
    this.#live = socket;
    this.dials += 1;
    socket.on('open', () => handlers.onOpen());
    socket.on('message', (data, binary) => handlers.onMessage(binary ? data : String(data)));
    socket.on('close', (_, reason) => handlers.onClose(String(reason)));
    socket.on('error', () => {});
    return {
      send: (text) => socket.send(text),
      bufferedBytes: () => socket.bufferedAmount,
      close: () => socket.close(),
    };
  };

  stopReading(): void {
    this.#live?.pause();
  }

  readOn(): void {
    this.#live?.resume();
  }
}
