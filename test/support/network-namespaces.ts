import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runBelfry } from './belfry-process.ts';
import { originOf, PeopleHome } from './people-home.ts';
import { connectHosts, type TwoHosts } from './two-hosts.ts';

/** Before connection tracking would put fragments together again (netfilter's priority for that is -400). */
const BEFORE_DEFRAGMENTATION = -450;

interface Rule {
  /** Names the rule's counter. */
  readonly name: string;
  /** What packets match, in nft's words. */
  readonly match: string;
  readonly drop?: boolean;
}

/** nft knows many words that are no names. */
const counterOf = (name: string): string => `seen_${name}`;

/** Rules for what arrives at one host from the cable, each with a counter of its packets. */
export class Gate {
  readonly #host: readonly string[];

  constructor(host: readonly string[], rules: readonly Rule[]) {
    this.#host = host;
    const lines = rules.map(
      ({ name, match, drop }) =>
        `iifname "lan0" ${match} counter name ${counterOf(name)}${drop ? ' drop' : ''}`,
    );
    const hook = `type filter hook prerouting priority ${BEFORE_DEFRAGMENTATION};`;
    const counters = [...new Set(rules.map(({ name }) => `counter ${counterOf(name)} {}`))];
    this.#nft(
      ['-f', '-'],
      `table inet gate {\n${counters.join('\n')}\nchain in { ${hook}\n${lines.join('\n')}\n}\n}\n`,
    );
  }

  /** Packets that matched so far. */
  count(name: string): number {
    const text = this.#nft(['list', 'counter', 'inet', 'gate', counterOf(name)]);
    return Number(/packets (\d+)/.exec(text)?.[1]);
  }

  #nft(args: readonly string[], input?: string): string {
    const [file = '', ...rest] = [...this.#host, 'nft', ...args];
    const { status, stdout, stderr } = spawnSync(file, rest, { input, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return stdout;
  }
}

export const setMtu = ({ relay, client }: TwoHosts, mtuBytes: number): void => {
  for (const host of [relay, client]) {
    const [file = '', ...rest] = [...host, 'ip', 'link', 'set', 'lan0', 'mtu', `${mtuBytes}`];
    assert.equal(spawnSync(file, rest).status, 0);
  }
};

const FAMILIES = {
  IPv4: { relay: ['10.78.0.1/24'], client: ['10.78.0.2/24'] },
  IPv6: { relay: ['fd78::1/64'], client: ['fd78::2/64'] },
} as const;
export type Family = keyof typeof FAMILIES;

/** Two hosts with addresses of one family alone; `undefined` where they cannot be had, or there is no nft. */
export const connectFamily = (family: Family, name: string): TwoHosts | undefined => {
  if (spawnSync('nft', ['--version']).status !== 0) return undefined;
  return connectHosts(name, FAMILIES[family]);
};

/** Why a test was skipped that wanted two hosts. */
export const NO_NETWORKS = 'needs root, ip and nft (Debian: iproute2, nftables)';

/** A relay on one host and three participants on the other; answers what the participants printed. Throws where they fail. */
export const meetAcross = async ({ relay, client }: TwoHosts): Promise<string> => {
  const stateDir = mkdtempSync(join(tmpdir(), 'belfry-state-'));
  const people = await PeopleHome.open();
  const ports = ['--port', '0', '--metrics-port', '0', '--media-port', '0', '--workers', '1'];
  const flags = ['--lan', ...people.flags, '--state-dir', stateDir, ...ports];
  const serve = runBelfry(['serve', ...flags], { wrapper: relay });
  try {
    const origin = await originOf(serve);
    const ca = join(stateDir, 'root.pem');
    const input = await people.linksToCheck(await people.convene({ origin, ca, wrapper: client }));
    const check = runBelfry(['check', '--ca', ca], { wrapper: client, input });
    const { status } = await check.ended;
    assert.equal(status, 0, check.output() + check.errors() + serve.errors());
    return check.output();
  } finally {
    await serve.stop();
    await people.end();
    rmSync(stateDir, { recursive: true });
  }
};
