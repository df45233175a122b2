import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from './switched-hosts.ts';

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
  readonly secret: string;
  /** A PEM file with certificate and key. */
  readonly certificate: string;
}

/** The ports that `startCoturn` listens on. */
export const COTURN_PORTS = { plain: 3478, tls: 443 } as const;

/** As docs/turn.md has it, with what belongs to a machine of its own left out. */
const configurationOf = ({ address, secret, certificate }: CoturnOptions, folder: string): string => `
listening-ip=${address}
relay-ip=${address}
listening-port=${COTURN_PORTS.plain}
tls-listening-port=${COTURN_PORTS.tls}
min-port=50000
max-port=50999
realm=belfry
use-auth-secret
static-auth-secret=${secret}
cert=${certificate}
pkey=${certificate}
allocation-default-address-family=keep
fingerprint
no-dtls
no-tcp-relay
no-multicast-peers
no-rfc5780
no-cli
userdb=${join(folder, 'turndb')}
pidfile=${join(folder, 'turnserver.pid')}
log-file=stdout
simple-log
verbose
`;

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
