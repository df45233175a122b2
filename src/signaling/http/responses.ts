import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Bytes } from '../../base/bytes.ts';
import { HTTP_CODES, type HttpCode } from '../protocol/codes.ts';

const bodyOf = (code: HttpCode): string => `${JSON.stringify({ code, message: HTTP_CODES[code].meaning })}\n`;

export const sendText = (response: ServerResponse, text: string): void => {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(text);
};

/** Of the connection afterwards: where it is kept Node says so, and for how long. */
type After = 'closes' | 'stays';

export const sendJson = (
  response: ServerResponse,
  status: number,
  text: string,
  after: After = 'closes',
): void => {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(after === 'closes' && { connection: 'close' }),
  });
  response.end(text);
};

/** A client that takes nothing for so long is cut off: it holds one of the counted connections. */
const STALLED_AFTER_MS = 10_000;

/** The connection is kept: members fetch several at once, or one after the other. Of no use to whoever cannot open them, and for no cache: who is out must not be given them by somebody else. */
export const sendBytes = (response: ServerResponse, bytes: Bytes): void => {
  response.setTimeout(STALLED_AFTER_MS, () => response.destroy());
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': String(bytes.length),
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  });
  response.end(bytes);
};

export const sendError = (response: ServerResponse, code: HttpCode): void => {
  sendJson(response, HTTP_CODES[code].status, bodyOf(code));
};

/** The same on the bare socket of an upgrade, which has no response object. Ends it, whatever the client does. */
export const sendRawError = (socket: Duplex, code: HttpCode): void => {
  const { status } = HTTP_CODES[code];
  const body = bodyOf(code);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    'connection: close',
  ];
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
};
