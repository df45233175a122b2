import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Vouched } from '../../trust/statement/vouched.ts';
import type { HttpCode } from '../protocol/codes.ts';
import { SUBPROTOCOL } from '../protocol/messages.ts';
import { addressOf } from './address.ts';
import type { BlobDesk } from './blobs.ts';
import type { EnrolmentDesk } from './enrolment.ts';
import { type Pages, servePage } from './pages.ts';
import { PendingConnections } from './pending.ts';
import { sendError, sendJson, sendRawError, sendText } from './responses.ts';
import { type TlsCertificate, tlsOptions } from './tls.ts';
import { judgeUpgrade, MEET_PATH, type UpgradeRequest } from './upgrade-guard.ts';

export interface HttpLimits {
  readonly maxSockets: number;
  readonly maxPendingConnections: number;
  readonly httpHeadMs: number;
  readonly httpBodyMs: number;
  readonly maxHttpHeadBytes: number;
}

interface HttpServerOptions {
  readonly limits: HttpLimits;
  /** Whether too many from there were turned away lately. */
  readonly isBarred: (address: string) => boolean;
  /** Open websockets now. */
  readonly socketCount: () => number;
  /** Whether as many of them as may are from there. */
  readonly hasShare: (address: string) => boolean;
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly onTurnedAway: (code: HttpCode) => void;
  /** Absent: plain HTTP. */
  readonly tls?: TlsCertificate | undefined;
  /** The newest list of revocations, if there is one. */
  readonly revocation: () => Vouched | undefined;
  /** Absent: nobody enrols here. */
  readonly enrolment?: EnrolmentDesk | undefined;
  readonly blobs: BlobDesk;
  /** Absent: a line about itself in their place. */
  readonly pages?: Pages | undefined;
}

type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** How often Node looks for heads that are overdue: the precision of `httpHeadMs`. */
const OVERDUE_CHECK_MS = 500;
/** What comes with one step of a group, key package, commit, Welcome and tree, is fetched within; longer holds counted connections. */
const KEPT_MS = 5_000;
const ABOUT = `Belfry signaling: websocket ${MEET_PATH}, subprotocol ${SUBPROTOCOL}.\n`;

/** HTTP, by TLS where there is a certificate: the page, or one line about itself at `/`, websockets at their path, and a short refusal for everything else. */
export const makeHttpServer = (options: HttpServerOptions): Server => {
  const { limits, pages, onUpgrade, onTurnedAway } = options;
  const pending = new PendingConnections(limits.maxPendingConnections);
  const server = createFor(options, (request, response) => {
    noteRequest(pending, request, response);
    if (serveList(options, request, response)) return;
    if (options.enrolment?.serve(pathOf(request), request, response)) return;
    if (options.blobs.serve(pathOf(request), request, response)) return;
    if (pages !== undefined && servePage(pages, pathOf(request), request, response)) return;
    if (request.method === 'GET' && pathOf(request) === '/') return sendText(response, ABOUT);
    onTurnedAway('http.not-found');
    sendError(response, 'http.not-found');
  });
  // And one more, for whose sake another one goes.
  server.maxConnections = limits.maxSockets + limits.maxPendingConnections + 1;
  server.on('connection', (socket: Socket) => {
    const key = keyOf(socket);
    pending.opened(key, socket.remoteAddress ?? '', () => socket.destroy());
    socket.once('close', () => pending.gone(key));
  });
  server.on('upgrade', (request, socket, head) => {
    const code = judge(request, options);
    if (code === undefined) pending.gone(keyOf(request.socket));
    if (code === undefined) return onUpgrade(request, socket, head);
    onTurnedAway(code);
    sendRawError(socket, code);
  });
  return server;
};

/** Of a connection while it lasts; by TLS a request knows another socket than the server does, with the same ends. */
const keyOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

const noteRequest = (
  pending: PendingConnections,
  { socket }: IncomingMessage,
  response: ServerResponse,
): void => {
  const key = keyOf(socket);
  pending.asked(key);
  response.once('close', () => pending.answered(key));
};

const LIST_PATH = '/v1/revocation';

const serveList = (
  { revocation }: HttpServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): boolean => {
  const list = pathOf(request) === LIST_PATH && request.method === 'GET' ? revocation() : undefined;
  if (list === undefined) return false;
  sendJson(response, 200, JSON.stringify(list));
  return true;
};

/** An HTTPS server has everything of an HTTP server that is used here. */
const createFor = ({ limits, tls }: HttpServerOptions, listener: RequestListener): Server =>
  tls === undefined
    ? createServer(serverOptions(limits), listener)
    : createTlsServer({ ...serverOptions(limits), ...tlsOptions(tls, limits.httpHeadMs) }, listener);

/** Few requests have a body, and the largest needs more time than any head. */
const serverOptions = ({ httpHeadMs, httpBodyMs, maxHttpHeadBytes }: HttpLimits) => ({
  headersTimeout: httpHeadMs,
  requestTimeout: httpHeadMs + httpBodyMs,
  keepAliveTimeout: KEPT_MS,
  connectionsCheckingInterval: OVERDUE_CHECK_MS,
  maxHeaderSize: maxHttpHeadBytes,
  insecureHTTPParser: false,
});

const judge = (
  request: IncomingMessage,
  { limits, socketCount, hasShare, isBarred, tls }: HttpServerOptions,
): HttpCode | undefined =>
  judgeUpgrade(readUpgrade(request, tls !== undefined)) ??
  (isBarred(addressOf(request)) ? 'http.rate' : undefined) ??
  (socketCount() >= limits.maxSockets || hasShare(addressOf(request)) ? 'http.full' : undefined);

const readUpgrade = (request: IncomingMessage, secure: boolean): UpgradeRequest => ({
  secure,
  path: pathOf(request),
  host: request.headers.host,
  origin: request.headers.origin,
  subprotocols: request.headers['sec-websocket-protocol'],
});

const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?', 1)[0] ?? '';
