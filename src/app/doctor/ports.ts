import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { messageOf } from '../../base/errors.ts';
import type { Settings } from '../../config/settings.ts';
import type { Reach } from '../reach/reach.ts';
import { bad, type Finding, good } from './finding.ts';

interface Endpoint {
  readonly transport: 'tcp' | 'udp';
  readonly host: string;
  readonly port: number;
}

const tryTcp = (host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, host, () => server.close(() => resolve()));
  });

const tryUdp = (host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', reject);
    socket.bind(port, host, () => socket.close(() => resolve()));
  });

const TRY = { tcp: tryTcp, udp: tryUdp } as const;

const problemOf = async ({ transport, host, port }: Endpoint): Promise<string | undefined> => {
  try {
    await TRY[transport](host, port);
    return undefined;
  } catch (error) {
    return `${transport} ${port} of ${host}: ${messageOf(error)}`;
  }
};

const mediaEndpoints = (settings: Settings, addresses: readonly string[], workers: number): Endpoint[] =>
  addresses.flatMap((host) =>
    Array.from({ length: workers }, (_, i) =>
      settings.mediaPort === 0 ? 0 : settings.mediaPort + i,
    ).flatMap((port): Endpoint[] => [
      { transport: 'udp', host, port },
      { transport: 'tcp', host, port },
    ]),
  );

/** Whether every address and port that `serve` would take with these settings can be taken now. */
export const checkPorts = async (
  settings: Settings,
  { host, mediaAddresses }: Pick<Reach, 'host' | 'mediaAddresses'>,
  workers: number,
): Promise<Finding> => {
  const endpoints: Endpoint[] = [
    { transport: 'tcp', host, port: settings.port },
    { transport: 'tcp', host: settings.metricsHost, port: settings.metricsPort },
    ...mediaEndpoints(settings, mediaAddresses, workers),
  ];
  const problems = (await Promise.all(endpoints.map(problemOf))).filter((problem) => problem !== undefined);
  if (problems.length === 0) return good(`${endpoints.length} addresses and ports are free`);
  return bad(problems.join('; '), 'end what uses them (a relay that runs already?), or choose others');
};
