import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from './namespaces.ts';

/** Why there is no coturn here, or `false`. */
export const NO_COTURN =
  !/^\d+\.\d+/.test(spawnSync('turnserver', ['--version'], { encoding: 'utf8' }).stdout ?? '') &&
  'coturn is not there: as root on Debian, `npm run setup` fetches it for the tests';

export interface Coturn {
  /** Everything logged so far. */
  log(): string;
  stop(): Promise<void>;
}

interface CoturnOptions {
  readonly host: Host;
  readonly address: string;
  /** The only address that it forwards to. */
  readonly relay: string;
  readonly secret: string;
  /** A PEM file with certificate and key. */
  readonly certificate: string;
}

const DOCUMENT = readFileSync(new URL('../../docs/turn.md', import.meta.url), 'utf8');
/** As documented. */
export const COTURN_PORTS = { plain: 3478, tls: 443 } as const;

/** The configuration of docs/turn.md, for these addresses, in a folder of its own. */
const configurationOf = ({ address, relay, secret, certificate }: CoturnOptions, folder: string): string => {
  const [, documented = ''] = /```conf\n(.*?)```/s.exec(DOCUMENT) ?? [];
  return `${documented
    .replaceAll('10.0.0.5', address)
    .replaceAll('10.0.0.1', relay)
    .replaceAll('/etc/coturn/turn.pem', certificate)
    .replace('SECRET', secret)}
userdb=${join(folder, 'turndb')}
pidfile=${join(folder, 'turnserver.pid')}
log-file=stdout
simple-log
verbose
`;
};

/** Settles once it listens. */
export const startCoturn = async (options: CoturnOptions): Promise<Coturn> => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-coturn-'));
  const file = join(folder, 'turnserver.conf');
  writeFileSync(file, configurationOf(options, folder), { mode: 0o600 });
  const [command = '', ...args] = [...options.host, 'turnserver', '-c', file];
  const child: ChildProcess = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  let log = '';
  const listening = new Promise<void>((resolve, reject) => {
    const read = (text: string) => {
      log += text;
      if (/Total auth threads|IPv. ?UDP listener opened|relay ports initialization done/i.test(log))
        resolve();
    };
    child.stdout?.setEncoding('utf8').on('data', read);
    child.stderr?.setEncoding('utf8').on('data', read);
    void ended.then(() => reject(new Error(`coturn ended:\n${log}`)));
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await listening;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return { log: () => log, stop };
};
