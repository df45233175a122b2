import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { extname, join } from 'node:path';
import { builtPage } from './built-page.ts';

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

/** The harness page, built; and the relay behind the same origin, since it takes sockets of its own pages only. */
export interface HarnessSite {
  readonly origin: string;
  close(): Promise<void>;
}

/** To the relay and back, as it is. */
const passOn = (from: IncomingMessage, response: ServerResponse, { hostname, port }: URL): void => {
  const { method, url: path, headers } = from;
  const onward = request({ hostname, port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  from.pipe(onward);
};

export const serveHarness = async (relayOrigin: string): Promise<HarnessSite> => {
  const { folder, remove } = await builtPage('harness');
  const relay = new URL(relayOrigin);
  const sockets = new Set<Socket>();
  const server = createServer((asked, response) => {
    const path = new URL(asked.url ?? '/', 'http://page').pathname;
    if (path.startsWith('/v1/')) return passOn(asked, response, relay);
    const name = path === '/' ? 'index.html' : path.slice(1);
    try {
      const body = readFileSync(join(folder, name));
      response.setHeader('content-type', TYPES[extname(name)] ?? 'application/octet-stream').end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.on('upgrade', (asked, socket) => {
    const upstream = connect(Number(relay.port), relay.hostname);
    const lines = asked.rawHeaders.flatMap((name, i, all) => (i % 2 === 0 ? [`${name}: ${all[i + 1]}`] : []));
    upstream.write(`GET ${asked.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    socket.pipe(upstream).pipe(socket);
    const end = () => {
      socket.destroy();
      upstream.destroy();
    };
    for (const side of [socket, upstream]) side.on('error', end).on('close', end);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      remove();
    },
  };
};
