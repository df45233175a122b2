import { SUBPROTOCOL } from '../../signaling/protocol/messages.ts';
import type { OpenSocket, Socket } from './socket.ts';

/** The platform's own WebSocket: the one of browsers, and of Node since version 22. */
export const openWebSocket: OpenSocket = (url, handlers): Socket => {
  const socket = new WebSocket(url, SUBPROTOCOL);
  socket.addEventListener('open', () => handlers.onOpen());
  socket.addEventListener('message', (event) => handlers.onMessage(event.data));
  socket.addEventListener('close', (event) => handlers.onClose(event.reason));
  return {
    send: (text) => socket.send(text),
    bufferedBytes: () => socket.bufferedAmount,
    close: () => socket.close(),
  };
};
