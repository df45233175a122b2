import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BelfryError, messageOf } from '../base/errors.ts';
import type { Metrics } from './registry.ts';

/** What keeps the relay from serving, each as a sentence that names its part; none: ready. */
export type Readiness = () => readonly string[];

export interface Observation {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/** A scraper opens few connections; more is a mistake or an attack, and would cost the relay descriptors. */
const MAX_CONNECTIONS = 64;
/** A scrape fits in one packet; a request that takes longer to arrive is cut. */
const REQUEST_TIMEOUT_MS = 5_000;

type Answer = (response: ServerResponse) => void | Promise<void>;

const text = (response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8') => {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(body);
};

/** `/healthz`: this process answers. `/readyz`: it can take meetings. `/metrics`: the catalogue. */
const routesOf = (metrics: Metrics, readiness: Readiness): Readonly<Record<string, Answer>> => ({
  '/healthz': (response) => text(response, 200, 'ok\n'),
  '/readyz': (response) => {
    const reasons = readiness();
    text(
      response,
      reasons.length === 0 ? 200 : 503,
      reasons.length === 0 ? 'ready\n' : `${reasons.join('\n')}\n`,
    );
  },
  '/metrics': async (response) => text(response, 200, await metrics.expose(), metrics.contentType),
});

const answer = async (
  routes: Readonly<Record<string, Answer>>,
  request: IncomingMessage,
  response: ServerResponse,
) => {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (request.method !== 'GET' && request.method !== 'HEAD') return text(response, 405, 'GET only\n');
  if (route === undefined) return text(response, 404, `There are ${Object.keys(routes).join(', ')}.\n`);
  try {
    await route(response);
  } catch (error) {
    text(response, 500, `This page failed: ${messageOf(error)}\n`);
  }
};

/**
 * Serves the three pages on an address of their own, so that they stay reachable when the clients' side is full and
 * never reach the clients' network. Throws `metrics.address` where the address cannot be taken.
 */
export const serveObservation = async (
  at: { readonly host: string; readonly port: number },
  metrics: Metrics,
  readiness: Readiness,
): Promise<Observation> => {
  const routes = routesOf(metrics, readiness);
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS });
  server.maxConnections = MAX_CONNECTIONS;
  server.on('request', (request, response) => void answer(routes, request, response));
  await listen(server, at);
  const { address, port } = server.address() as AddressInfo;
  return { host: address, port, close: () => close(server) };
};

const listen = (server: Server, at: { readonly host: string; readonly port: number }): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new BelfryError(
          'metrics.address',
          `cannot serve /metrics on ${at.host} port ${at.port}: ${messageOf(cause)}`,
          { remedy: 'free that port, or choose another with --metrics-port', cause },
        ),
      ),
    );
    server.listen(at.port, at.host, resolve);
  });

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
