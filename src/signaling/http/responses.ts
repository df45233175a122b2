import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { HTTP_CODES, type HttpCode } from '../protocol/codes.ts';

const bodyOf = (code: HttpCode): string => `${JSON.stringify({ code, message: HTTP_CODES[code].meaning })}\n`;

export const sendText = (response: ServerResponse, text: string): void => {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(text);
};

export const sendJson = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  });
  response.end(text);
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
