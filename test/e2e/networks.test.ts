import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  connectFamily,
  type Family,
  Gate,
  meetAcross,
  NO_NETWORKS,
  setMtu,
} from '../support/network-namespaces.ts';
import type { TwoHosts } from '../support/two-hosts.ts';

const TIMEOUT = { timeout: 120_000 };
const PASSED = /Self-check passed/;
const FRAGMENTS = [
  { name: 'fragments', match: 'ip frag-off & 0x3fff != 0' },
  { name: 'fragments', match: 'exthdr frag exists' },
] as const;
/** A meeting of three over some seconds: thousands of packets. Far fewer would mean that something else was counted. */
const MEDIA_PACKETS = 500;

let cables = 0;
const acrossCable = async (t: TestContext, family: Family, run: (hosts: TwoHosts) => Promise<void>) => {
  const hosts = connectFamily(family, `net${cables++}`);
  if (hosts === undefined) return t.skip(NO_NETWORKS);
  try {
    await run(hosts);
  } finally {
    hosts.remove();
  }
};

const dscpOf = (family: Family): string => (family === 'IPv4' ? 'ip dscp' : 'ip6 dscp');

for (const family of ['IPv4', 'IPv6'] as const) {
  test(
    `${family}: where UDP is dropped, participants join over TCP, and media packets carry the DSCP`,
    TIMEOUT,
    (t) =>
      acrossCable(t, family, async (hosts) => {
        const atRelay = new Gate(hosts.relay, [{ name: 'udp', match: 'meta l4proto udp', drop: true }]);
        const atClient = new Gate(hosts.client, [
          { name: 'udp', match: 'meta l4proto udp' },
          { name: 'marked', match: `meta l4proto tcp ${dscpOf(family)} af41` },
        ]);
        assert.match(await meetAcross(hosts), PASSED);
        assert(atRelay.count('udp') > 0, 'UDP was tried');
        assert.equal(atClient.count('udp'), 0);
        assert(atClient.count('marked') > MEDIA_PACKETS);
      }),
  );

  test(
    `${family}: an MTU of 1,280 bytes carries join and video without a fragment, and media packets carry the DSCP`,
    TIMEOUT,
    (t) =>
      acrossCable(t, family, async (hosts) => {
        setMtu(hosts, 1_280);
        const atRelay = new Gate(hosts.relay, [...FRAGMENTS, { name: 'udp', match: 'meta l4proto udp' }]);
        const atClient = new Gate(hosts.client, [
          ...FRAGMENTS,
          { name: 'marked', match: `meta l4proto udp ${dscpOf(family)} af41` },
          { name: 'unmarked', match: `meta l4proto udp ${dscpOf(family)} != af41` },
        ]);
        assert.match(await meetAcross(hosts), PASSED);
        assert.equal(atRelay.count('fragments'), 0);
        assert.equal(atClient.count('fragments'), 0);
        assert(atRelay.count('udp') > MEDIA_PACKETS);
        assert(atClient.count('marked') > MEDIA_PACKETS);
        assert.equal(atClient.count('unmarked'), 0);
      }),
  );
}
