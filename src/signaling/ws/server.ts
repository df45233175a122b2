import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { addressOf } from '../http/address.ts';
import { SourceCounts } from '../http/source-counts.ts';
import { MAX_FRAGMENTS, MAX_MESSAGE_BYTES } from '../protocol/limits.ts';
import { SUBPROTOCOL } from '../protocol/messages.ts';

/** Scraps of TCP data that may wait for one frame to be whole: honest ones of 64 KiB come in about 50. */
const MAX_BUFFERED_CHUNKS = 256;

/** ws 8.23.0 has the option, its published types do not yet. */
type Options = ServerOptions & { readonly closeTimeout: number };

/** ws with every limit that it offers. Pings it bounds by itself: 60 may wait for their pong, one more ends the socket. */
const optionsFor = (closeMs: number): Options => ({
  noServer: true,
  maxPayload: MAX_MESSAGE_BYTES,
  maxFragments: MAX_FRAGMENTS,
  maxBufferedChunks: MAX_BUFFERED_CHUNKS,
  perMessageDeflate: false,
  skipUTF8Validation: false,
  clientTracking: true,
  closeTimeout: closeMs,
  handleProtocols: () => SUBPROTOCOL,
});

export interface SocketServer {
  /** Open websockets, those that are closing included. */
  readonly size: number;
  /** Of these, how many are from where. */
  readonly sources: Pick<SourceCounts, 'hasShare'>;
  /** Makes a websocket of a request that the HTTP server has judged. */
  adopt(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Takes no more; settles when the last one is closed. */
  close(): Promise<void>;
  terminateAll(): void;
}

interface SocketServerOptions {
  readonly closeMs: number;
  readonly onSocket: (socket: WebSocket, request: IncomingMessage) => void;
  readonly onBadUpgrade: (socket: Duplex) => void;
}

export const makeSocketServer = ({ closeMs, onSocket, onBadUpgrade }: SocketServerOptions): SocketServer => {
  const server = new WebSocketServer(optionsFor(closeMs));
  const sources = new SourceCounts();
  const counted = (socket: WebSocket, request: IncomingMessage): void => {
    socket.once('close', sources.add(addressOf(request)));
    onSocket(socket, request);
  };
  server.on('wsClientError', (_, socket) => onBadUpgrade(socket));
  return {
    get size() {
      return server.clients.size;
    },
    sources,
    adopt: (request, socket, head) => server.handleUpgrade(request, socket, head, counted),
    close: () => new Promise((resolve) => server.close(() => resolve())),
    terminateAll() {
      for (const socket of server.clients) socket.terminate();
    },
  };
};
