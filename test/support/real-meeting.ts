import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Belfry, type StartOptions, startBelfry } from '../../src/app/start.ts';
import type { Logger } from '../../src/base/logger.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { secureRandomBytes, systemClock } from '../../src/base/platform.ts';
import { loadShippedClips } from '../../src/client/clips/files.ts';
import type { OpenSocket } from '../../src/client/connection/socket.ts';
import { openWebSocket } from '../../src/client/connection/web-socket.ts';
import type { MeetingLink } from '../../src/client/link.ts';
import type { Enrolled } from '../../src/client/people/enrolled.ts';
import { Headless } from '../../src/client/selfcheck/headless.ts';
import type { Settings } from '../../src/config/settings.ts';
import { nodeDriver } from '../../src/e2ee/sframe/node.ts';
import { workerBin } from '../native/worker-bin.ts';
import { onceOnly } from './nonce-recorder.ts';
import { RealPeople } from './real-people.ts';

/** Of a relay on loopback and free ports. */
export const relaySettings = (workers: number): Settings => ({
  host: '127.0.0.1',
  port: 0,
  metricsHost: '127.0.0.1',
  metricsPort: 0,
  mediaAddresses: ['127.0.0.1'],
  mediaPort: 0,
  mediaDscp: 0,
  workers,
  workerBin,
  logLevel: 'info',
  lan: false,
  announce: [],
  publicName: undefined,
  stateDir: join(tmpdir(), 'belfry-tests'),
  turnServers: [],
  turnSecretFile: undefined,
  turnOutside: false,
  enrolment: undefined,
  people: undefined,
});

export interface RealMeeting {
  readonly belfry: Belfry;
  readonly link: MeetingLink;
  readonly people: RealPeople;
  stop(): Promise<void>;
}

/** A relay in this process, and the link into its one meeting. */
export const startRelay = async (
  workers: number,
  logger: Logger = silentLogger,
  options: StartOptions = {},
): Promise<RealMeeting> => {
  const people = await RealPeople.open();
  const belfry = await startBelfry({ ...relaySettings(workers), ...people.folders }, logger, options);
  const { host, port } = belfry.signaling;
  const link = await people.convene(`http://${host}:${port}`);
  const stop = async () => {
    await belfry.stop();
    people.end();
  };
  return { belfry, link, people, stop };
};

interface Surroundings {
  readonly device: Enrolled;
  readonly openSocket?: OpenSocket;
  readonly logger?: Logger;
}

/** A participant without a screen, on the real clock and a real socket. Rejects where the meeting does not let it in. */
export const joinHeadless = async (
  link: MeetingLink,
  name: string,
  onFault: (fault: string) => void,
  { openSocket = openWebSocket, logger = silentLogger, ...others }: Surroundings,
): Promise<Headless> =>
  Headless.join({
    ...others,
    link,
    name,
    clips: await loadShippedClips(),
    openSocket,
    clock: systemClock,
    randomBytes: secureRandomBytes,
    logger,
    driver: onceOnly(nodeDriver),
    onFault,
  });
