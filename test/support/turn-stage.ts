import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MeetingLink } from '../../src/client/link.ts';
import { permittedFor } from '../../src/trust/hosts/permitted.ts';
import { createAuthority, issueHostCertificate } from '../../src/trust/signing/authority.ts';
import { runBelfry } from './belfry-process.ts';
import { COTURN_PORTS, type Coturn, startCoturn } from './coturn.ts';
import type { Host } from './namespaces.ts';
import { Gate } from './network-namespaces.ts';
import { CHECKED, originOf, PeopleHome } from './people-home.ts';
import { type SwitchedHosts, switchHosts } from './switched-hosts.ts';

const NETWORKS = {
  IPv4: { relay: '10.81.0.1', client: '10.81.0.2', turn: '10.81.0.3', prefix: 24, saddr: 'ip saddr' },
  IPv6: { relay: 'fd81::1', client: 'fd81::2', turn: 'fd81::3', prefix: 64, saddr: 'ip6 saddr' },
} as const;
export type TurnFamily = keyof typeof NETWORKS;
export type TurnWay = 'udp' | 'tcp' | 'tls';

type Network = SwitchedHosts<'relay' | 'client' | 'turn'>;

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
  /** What belfry doctor says of the TURN server, on the relay's machine. */
  doctor(): Promise<string>;
  /** The meeting's, without a code. */
  readonly link: MeetingLink;
  readonly people: PeopleHome;
  /** What relay and coturn share. */
  readonly secret: string;
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
  if (spawnSync('nft', ['--version']).status !== 0) return undefined;
  const { relay, client, turn, prefix } = NETWORKS[options.family];
  const network = switchHosts(options.name, {
    relay: [`${relay}/${prefix}`],
    client: [`${client}/${prefix}`],
    turn: [`${turn}/${prefix}`],
  });
  if (network === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'belfry-turn-'));
  const ending: (() => unknown)[] = [network.remove, () => rmSync(folder, { recursive: true })];
  const stop = async () => {
    for (const end of ending.splice(0).reverse()) await end();
  };
  try {
    return { ...(await openParts(options, network, folder, ending)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const openParts = async (
  options: TurnStageOptions,
  network: Network,
  folder: string,
  ending: (() => unknown)[],
): Promise<Omit<TurnStage, 'stop'>> => {
  const { relay, turn } = NETWORKS[options.family];
  const { atRelay, atTurn } = gatesOf(options, network);
  const secret = randomBytes(32).toString('hex');
  const stateDir = join(folder, 'state');
  const people = await PeopleHome.open([...CHECKED, 'ada', 'bob']);
  ending.push(() => people.end());
  const settings = [...people.flags, ...settingsFor(options, folder, secret)];
  const serve = runBelfry(['serve', ...settings], { wrapper: network.on('relay') });
  ending.push(() => serve.stop());
  const root = join(stateDir, 'root.pem');
  const wrapper = network.on('client');
  const link = await people.convene({ origin: await originOf(serve), ca: root, wrapper });
  const coturn = await startCoturn({
    host: network.on('turn'),
    address: turn,
    relay: options.forwardsElsewhere ? turn : relay,
    secret,
    certificate: options.isForeign
      ? await foreignCertificate(folder, turn)
      : await makeCertificate(folder, stateDir, turn),
  });
  ending.push(() => coturn.stop());
  return {
    client: wrapper,
    link,
    people,
    root,
    secret,
    coturn,
    log: serve.errors,
    async doctor() {
      const doctor = runBelfry(['doctor', ...settings], { wrapper: network.on('relay') });
      await doctor.ended;
      return doctor.output();
    },
    direct: () => atRelay.count('direct'),
    relayed: () => atRelay.count('turn'),
    asked: (way) => atTurn.count(way),
  };
};

const gatesOf = ({ family, isOpen = false, onlyTls = false }: TurnStageOptions, network: Network) => {
  const { client, turn, saddr } = NETWORKS[family];
  const fromClient = `${saddr} ${client}`;
  const atRelay = new Gate(network.on('relay'), [
    { name: 'turn', match: `${saddr} ${turn} meta l4proto udp` },
    { name: 'direct', match: `${fromClient} meta l4proto udp`, drop: !isOpen },
    { name: 'direct', match: `${fromClient} tcp dport != ${SIGNALING_PORT}`, drop: !isOpen },
  ]);
  const atTurn = new Gate(network.on('turn'), [
    { name: 'udp', match: `${fromClient} meta l4proto udp`, drop: onlyTls },
    { name: 'tcp', match: `${fromClient} tcp dport != ${COTURN_PORTS.tls}`, drop: onlyTls },
    { name: 'tls', match: `${fromClient} tcp dport ${COTURN_PORTS.tls}` },
  ]);
  return { atRelay, atTurn };
};

/** The flags of serve, and of doctor. */
const settingsFor = ({ family, ways }: TurnStageOptions, folder: string, secret: string): string[] => {
  const secretFile = join(folder, 'secret');
  writeFileSync(secretFile, `${secret}\n`, { mode: 0o600 });
  const { turn } = NETWORKS[family];
  return [
    ...['--lan', '--port', `${SIGNALING_PORT}`, '--metrics-port', '0', '--media-port', '0', '--workers', '1'],
    ...['--state-dir', join(folder, 'state'), '--turn-secret-file', secretFile],
    ...['--turn-servers', ways.map((way) => urlOf(way, turn)).join(',')],
  ];
};

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
