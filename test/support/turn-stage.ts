import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { permittedFor } from '../../src/trust/hosts/permitted.ts';
import { createAuthority, issueHostCertificate } from '../../src/trust/signing/authority.ts';
import { type BelfryProcess, runBelfry } from './belfry-process.ts';
import { COTURN_PORTS, type Coturn, startCoturn } from './coturn.ts';
import { Gate } from './network-namespaces.ts';
import { type Host, switchHosts } from './switched-hosts.ts';

const NETWORKS = {
  IPv4: { relay: '10.81.0.1', client: '10.81.0.2', turn: '10.81.0.3', prefix: 24, saddr: 'ip saddr' },
  IPv6: { relay: 'fd81::1', client: 'fd81::2', turn: 'fd81::3', prefix: 64, saddr: 'ip6 saddr' },
} as const;
export type TurnFamily = keyof typeof NETWORKS;
export type TurnWay = 'udp' | 'tcp' | 'tls';

/** In a namespace of its own every port is free, and the gate must know it. */
const SIGNALING_PORT = 8_470;

const urlOf = (way: TurnWay, address: string): string => {
  const host = address.includes(':') ? `[${address}]` : address;
  return way === 'tls'
    ? `turns:${host}:${COTURN_PORTS.tls}`
    : `turn:${host}:${COTURN_PORTS.plain}?transport=${way}`;
};

/** A relay, a client and a coturn; the client reaches the relay's signaling, and its media by coturn alone. */
export interface TurnStage {
  readonly client: Host;
  readonly link: string;
  /** The file of the relay's root, for devices to trust. */
  readonly root: string;
  readonly coturn: Coturn;
  /** The relay's log. */
  log(): string;
  /** Packets that the client sent to the relay's media directly: dropped unless the stage is open. */
  direct(): number;
  /** Packets that reached the relay from the TURN server. */
  relayed(): number;
  /** Packets with which the client asked the TURN server in that way, dropped ones too. */
  asked(way: TurnWay): number;
  stop(): Promise<void>;
}

export interface TurnStageOptions {
  readonly family: TurnFamily;
  readonly ways: readonly TurnWay[];
  readonly name: string;
  /** The relay's media is reached directly too. */
  readonly isOpen?: boolean;
  /** The TURN server's certificate is of an authority that nobody trusts. */
  readonly isForeign?: boolean;
  /** The TURN server may forward, but not to the relay. */
  readonly forwardsElsewhere?: boolean;
  /** Nothing of the client's but TCP to the port of TLS reaches the TURN server. */
  readonly onlyTls?: boolean;
}

/** `undefined` where networks cannot be had here. */
export const openTurnStage = async (options: TurnStageOptions): Promise<TurnStage | undefined> => {
  const { relay, client, turn, prefix, saddr } = NETWORKS[options.family];
  if (spawnSync('nft', ['--version']).status !== 0) return undefined;
  const network = switchHosts(options.name, {
    relay: [`${relay}/${prefix}`],
    client: [`${client}/${prefix}`],
    turn: [`${turn}/${prefix}`],
  });
  if (network === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'belfry-turn-'));
  const secret = randomBytes(32).toString('hex');
  const secretFile = join(folder, 'secret');
  writeFileSync(secretFile, `${secret}\n`, { mode: 0o600 });
  const ending: (() => unknown)[] = [network.remove, () => rmSync(folder, { recursive: true })];
  const stop = async () => {
    for (const end of ending.splice(0).reverse()) await end();
  };
  try {
    const isClosed = options.isOpen !== true;
    const atRelay = new Gate(network.on('relay'), [
      { name: 'turn', match: `${saddr} ${turn} meta l4proto udp` },
      { name: 'direct', match: `${saddr} ${client} meta l4proto udp`, drop: isClosed },
      { name: 'direct', match: `${saddr} ${client} tcp dport != ${SIGNALING_PORT}`, drop: isClosed },
    ]);
    const drop = options.onlyTls === true;
    const notTls = `tcp dport != ${COTURN_PORTS.tls}`;
    const atTurn = new Gate(network.on('turn'), [
      { name: 'udp', match: `${saddr} ${client} meta l4proto udp`, drop },
      { name: 'tcp', match: `${saddr} ${client} ${notTls}`, drop },
      { name: 'tls', match: `${saddr} ${client} tcp dport ${COTURN_PORTS.tls}` },
    ]);
    const stateDir = join(folder, 'state');
    const servers = ['--turn-servers', options.ways.map((way) => urlOf(way, turn)).join(',')];
    const serve = serveRelay(network.on('relay'), [
      ...['--state-dir', stateDir, '--turn-secret-file', secretFile],
      ...servers,
    ]);
    ending.push(() => serve.stop());
    const [link] = await serve.printed(/https:\/\/\S+#\S+/);
    const certificate = options.isForeign
      ? await foreignCertificate(folder, turn)
      : await makeCertificate(folder, stateDir, turn);
    const coturn = await startCoturn({
      host: network.on('turn'),
      address: turn,
      relay: options.forwardsElsewhere ? turn : relay,
      secret,
      certificate,
    });
    ending.push(() => coturn.stop());
    assert.ok(!serve.errors().includes(secret));
    return {
      client: network.on('client'),
      link,
      root: join(stateDir, 'root.pem'),
      coturn,
      log: serve.errors,
      direct: () => atRelay.count('direct'),
      relayed: () => atRelay.count('turn'),
      asked: (way) => atTurn.count(way),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

const serveRelay = (host: Host, args: readonly string[]): BelfryProcess =>
  runBelfry(
    [
      ...['serve', '--lan', '--port', `${SIGNALING_PORT}`, '--metrics-port', '0', '--media-port', '0'],
      ...['--workers', '1', ...args],
    ],
    { wrapper: host },
  );

/** By the relay's own command. */
const makeCertificate = async (folder: string, stateDir: string, turn: string): Promise<string> => {
  const out = join(folder, 'turn.pem');
  const made = runBelfry([
    ...['turn', 'certificate', '--state-dir', stateDir, '--out', out],
    ...['--turn-servers', urlOf('tls', turn)],
  ]);
  const { status } = await made.ended;
  assert.equal(status, 0, made.errors());
  assert.match(readFileSync(out, 'utf8'), /BEGIN CERTIFICATE[\s\S]*BEGIN PRIVATE KEY/);
  return out;
};

const foreignCertificate = async (folder: string, turn: string): Promise<string> => {
  const at = { nowUnixMs: Date.now(), randomBytes: (size: number) => new Uint8Array(randomBytes(size)) };
  const hosts = { addresses: [turn], names: [] };
  const authority = await createAuthority(permittedFor(hosts), at);
  const { certificate, key } = await issueHostCertificate(authority, hosts, at);
  const out = join(folder, 'foreign.pem');
  writeFileSync(out, `${certificate}${key}`, { mode: 0o600 });
  return out;
};
