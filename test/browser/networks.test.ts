import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { meetOverLan } from '../support/lan-meeting.ts';
import { connectFamily, type Family, Gate, NO_NETWORKS, setMtu } from '../support/network-namespaces.ts';
import { NO_TRUSTING_CHROMIUM } from '../support/trusting-chromium.ts';

const LIMITS = { skip: NO_TRUSTING_CHROMIUM, timeout: 180_000 };
const SMALL_MTU_BYTES = 1_280;
/** Seconds of pictures: a path that lets only the first ones through is none. */
const FRAMES = 30;

interface Hurdle {
  readonly mtuBytes?: number;
  readonly dropsUdp?: boolean;
}

const FRAGMENTS = [
  { name: 'fragments', match: 'ip frag-off & 0x3fff != 0' },
  { name: 'fragments', match: 'exthdr frag exists' },
] as const;

/** Two browsers meet over a network with this hurdle; answers what was counted at the relay's door. */
const meet = async (t: TestContext, family: Family, name: string, { mtuBytes, dropsUdp = false }: Hurdle) => {
  const hosts = connectFamily(family, name);
  if (hosts === undefined) {
    t.skip(NO_NETWORKS);
    return undefined;
  }
  if (mtuBytes !== undefined) setMtu(hosts, mtuBytes);
  const rules = [
    ...FRAGMENTS,
    { name: 'udp', match: 'meta l4proto udp', drop: dropsUdp },
    { name: 'tcp', match: 'meta l4proto tcp' },
  ];
  const atRelay = new Gate(hosts.relay, rules);
  // Where UDP is dropped it is in both directions.
  new Gate(hosts.client, rules);
  const counted = { udp: 0, tcp: 0, fragments: 0 };
  await meetOverLan(hosts, FRAMES, () => {
    for (const what of ['udp', 'tcp', 'fragments'] as const) counted[what] = atRelay.count(what);
  });
  return counted;
};

for (const family of ['IPv4', 'IPv6'] as const satisfies Family[]) {
  test(`${family}: browsers meet by TCP where UDP is dropped`, LIMITS, async (t) => {
    const counted = await meet(t, family, `bu${family.at(-1)}`, { dropsUdp: true });
    // Thousands of packets of pictures; the page and signaling are some hundreds.
    if (counted !== undefined) assert.ok(counted.tcp > 1_000, `${counted.tcp} TCP packets`);
  });

  test(
    `${family}: browsers meet over a path of ${SMALL_MTU_BYTES} bytes, without a fragment`,
    LIMITS,
    async (t) => {
      const counted = await meet(t, family, `bm${family.at(-1)}`, { mtuBytes: SMALL_MTU_BYTES });
      if (counted === undefined) return;
      assert.ok(counted.udp > 300, `${counted.udp} UDP packets`);
      assert.equal(counted.fragments, 0);
    },
  );
}
