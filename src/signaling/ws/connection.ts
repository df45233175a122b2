import type { RawData, WebSocket } from 'ws';
import type { Bytes } from '../../base/bytes.ts';
import type { Hub } from '../hub.ts';
import { CLOSE_CODES, type CloseCode } from '../protocol/codes.ts';
import type { Connection } from '../session/peer.ts';

/** Joins a websocket and the hub until the socket closes. */
export const serveSocket = (socket: WebSocket, hub: Hub, onRefused: () => void): void => {
  const peer = hub.connect(connectionOf(socket, onRefused));
  socket.on('message', (data, binary) => peer.message(bytesOf(data), binary));
  socket.on('ping', () => peer.control());
  socket.on('pong', () => peer.control());
  socket.on('error', (error) => {
    const code = breachOf(error);
    if (code === undefined) peer.gone();
    else hub.broken(peer, code);
  });
  socket.on('close', () => peer.gone());
};

const connectionOf = (socket: WebSocket, onRefused: () => void): Connection => ({
  onRefused,
  send: (message) => socket.send(message, { binary: false }),
  ping: () => socket.ping(),
  close: (code) => socket.close(CLOSE_CODES[code].status, code),
  get waitingBytes() {
    return socket.bufferedAmount;
  },
});

const bytesOf = (data: RawData): Bytes => {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
};

const BREACHES: Readonly<Record<string, CloseCode>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'protocol.too-large',
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 'protocol.too-large',
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 'protocol.too-many-fragments',
  WS_ERR_INVALID_UTF8: 'protocol.not-utf8',
};

/**
 * What a client did wrong by the name that ws gives its error; the others of that family are breaches of RFC 6455.
 * `undefined` for a broken socket, which is nobody's fault. ws has closed with the status in `CLOSE_CODES` by now.
 */
const breachOf = (error: Error): CloseCode | undefined => {
  if (!('code' in error) || typeof error.code !== 'string' || !error.code.startsWith('WS_ERR_'))
    return undefined;
  return BREACHES[error.code] ?? 'protocol.framing';
};
