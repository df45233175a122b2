import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runBelfry } from '../support/belfry-process.ts';
import { originOf, PeopleHome } from '../support/people-home.ts';
import { connectHosts } from '../support/two-hosts.ts';

const LIMIT_MS = 180_000;
const FREE_PORTS = ['--port', '0', '--metrics-port', '0', '--media-port', '0', '--workers', '1'];
const TABLE = /Self-check passed/;

interface Network {
  readonly name: string;
  readonly relay: readonly string[];
  readonly client: readonly string[];
  /** Where the relay says that it is. */
  readonly origin: RegExp;
}

const NETWORKS: readonly Network[] = [
  {
    name: 'v4',
    relay: ['10.77.0.1/24'],
    client: ['10.77.0.2/24'],
    origin: /^https:\/\/10\.77\.0\.1:\d+$/,
  },
  {
    name: 'v6',
    relay: ['fd77::1/64'],
    client: ['fd77::2/64'],
    origin: /^https:\/\/\[fd77::1\]:\d+$/,
  },
];

for (const { name, relay, client, origin: expected } of NETWORKS)
  test(`another machine joins by TLS, and media crosses the cable: ${name} only`, {
    timeout: LIMIT_MS,
  }, async (t) => {
    const hosts = connectHosts(name, { relay, client });
    if (hosts === undefined) return t.skip('needs root and ip netns');
    const stateDir = mkdtempSync(join(tmpdir(), 'belfry-state-'));
    const people = await PeopleHome.open();
    const serve = runBelfry(['serve', '--lan', ...people.flags, '--state-dir', stateDir, ...FREE_PORTS], {
      wrapper: hosts.relay,
    });
    try {
      const origin = await originOf(serve);
      assert.match(origin, expected);
      const [, words] = await serve.printed(/known by\n +(\S.*)\n/);

      const ca = runBelfry(['ca', 'root', '--state-dir', stateDir]);
      assert.equal((await ca.ended).status, 0, ca.errors());
      assert.ok(ca.output().includes(words ?? 'none'), ca.output());
      const [, root = ''] = /^Root: +(\S+)$/m.exec(ca.output()) ?? [];

      const wrapper = hosts.client;
      const input = await people.linksToCheck(await people.convene({ origin, ca: root, wrapper }));
      const check = runBelfry(['check', '--ca', root], { wrapper, input });
      const { status } = await check.ended;
      assert.equal(status, 0, check.output() + check.errors() + serve.errors());
      assert.match(check.output(), TABLE);
      assert.equal(await serve.stop(), 0);
    } finally {
      await serve.stop();
      await people.end();
      hosts.remove();
    }
  });

test('who does not have the root does not come in, and is told what to do', {
  timeout: LIMIT_MS,
}, async (t) => {
  const hosts = connectHosts('root', { relay: ['10.77.1.1/24'], client: ['10.77.1.2/24'] });
  if (hosts === undefined) return t.skip('needs root and ip netns');
  const stateDir = mkdtempSync(join(tmpdir(), 'belfry-state-'));
  const people = await PeopleHome.open();
  const serve = runBelfry(['serve', '--lan', ...people.flags, '--state-dir', stateDir, ...FREE_PORTS], {
    wrapper: hosts.relay,
  });
  try {
    const [origin, wrapper] = [await originOf(serve), hosts.client];
    const ca = join(stateDir, 'root.pem');
    const input = await people.linksToCheck(await people.convene({ origin, ca, wrapper }));
    const check = runBelfry(['check'], { wrapper, input });
    assert.equal((await check.ended).status, 1, check.output());
    assert.match(check.errors(), /--ca FILE/);
  } finally {
    await serve.stop();
    await people.end();
    hosts.remove();
  }
});

test('npm start with --lan: the self-check passes by TLS over the machine’s own addresses', {
  timeout: LIMIT_MS,
}, async (t) => {
  const hosts = connectHosts('demo', { relay: ['10.77.2.1/24', 'fd77:2::1/64'], client: ['10.77.2.2/24'] });
  if (hosts === undefined) return t.skip('needs root and ip netns');
  const stateDir = mkdtempSync(join(tmpdir(), 'belfry-state-'));
  try {
    const demo = runBelfry(['demo', '--once', '--lan', '--state-dir', stateDir], { wrapper: hosts.relay });
    const { status } = await demo.ended;
    assert.equal(status, 0, demo.output() + demo.errors());
    assert.match(demo.output(), /^Relay: +wss:\/\/10\.77\.2\.1:\d+, serving/m);
    assert.match(demo.output(), /^Also at: +https:\/\/\[fd77:2::1\]:\d+ \(all addresses but/m);
    assert.match(demo.output(), TABLE);
  } finally {
    hosts.remove();
  }
});

test('a machine without a network says so, and what to do', { timeout: LIMIT_MS }, async (t) => {
  const hosts = connectHosts('none', { relay: [], client: [] });
  if (hosts === undefined) return t.skip('needs root and ip netns');
  try {
    const stateDir = mkdtempSync(join(tmpdir(), 'belfry-state-'));
    const kept = ['--state-dir', stateDir, '--people', stateDir];
    const serve = runBelfry(['serve', '--lan', ...kept], { wrapper: hosts.relay });
    assert.equal((await serve.ended).status, 1);
    assert.match(serve.errors(), /no address on a network \[reach\.address\][\s\S]*--announce/);
  } finally {
    hosts.remove();
  }
});
