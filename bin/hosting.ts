import { createLogger } from '../src/app/logging.ts';
import { DETECTION_RULE } from '../src/app/reach/reach.ts';
import { type Belfry, type StartOptions, startBelfry } from '../src/app/start.ts';
import type { Settings } from '../src/config/settings.ts';
import { wordsOf } from '../src/trust/hosts/fingerprint.ts';

const urlOf = (scheme: 'http' | 'ws', host: string, port: number, secure = false): string =>
  `${scheme}${secure ? 's' : ''}://${host.includes(':') ? `[${host}]` : host}:${port}`;

const relayUrl = ({ signaling, reach }: Belfry, scheme: 'http' | 'ws', host: string): string =>
  urlOf(scheme, host, signaling.port, reach.secure);

/** Starts the relay and says where it is and how long it took. */
export const startHosting = async (settings: Settings, options?: StartOptions): Promise<Belfry> => {
  const startedAtMs = performance.now();
  const belfry = await startBelfry(settings, createLogger(settings.logLevel), options);
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  console.log(`Relay:    ${relayUrl(belfry, 'ws', belfry.reach.publicHost)}, serving after ${seconds} s`);
  sayReach(belfry, settings.announce.length === 0 ? ` (${DETECTION_RULE})` : '');
  if (settings.turnServers.length > 0) console.log(`TURN:     ${settings.turnServers.join(', ')}`);
  const { host, port } = belfry.observation;
  console.log(`Watch:    ${urlOf('http', host, port)}/metrics (and /readyz, /healthz)`);
  console.log(`Record:   ${belfry.recordPath} (checked by belfry audit verify FILE)`);
  return belfry;
};

const sayReach = (belfry: Belfry, rule: string): void => {
  const { reach, root } = belfry;
  if (root === undefined) return;
  const others = reach.announced.filter((address) => address !== reach.publicHost);
  if (others.length > 0)
    console.log(`Also at:  ${others.map((address) => relayUrl(belfry, 'http', address)).join(', ')}${rule}`);
  console.log(
    `Trust:    each device installs ${root.path} once (npm run -s belfry -- ca root says how), known by`,
  );
  console.log(`          ${wordsOf(root.sha256)}`);
};

/** `own`: for participants of this machine, by address, because no name is looked up here. `page`: for browsers. */
export const originsOf = (belfry: Belfry) => {
  const { announced, publicHost } = belfry.reach;
  return {
    own: relayUrl(belfry, 'http', announced[0] ?? publicHost),
    page: relayUrl(belfry, 'http', publicHost),
  };
};

/** Settles when the process is asked to end; a second request ends it at once. */
export const untilAskedToEnd = (): Promise<void> =>
  new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        if (asked) process.exit(130);
        asked = true;
        resolve();
      });
  });
