import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { runBelfry } from '../support/belfry-process.ts';
import { NO_COTURN } from '../support/coturn.ts';
import { NO_NETWORKS } from '../support/network-namespaces.ts';
import { openTurnStage, type TurnStage, type TurnStageOptions } from '../support/turn-stage.ts';

const LIMITS = { skip: NO_COTURN, timeout: 120_000 };
const PASSED = /Self-check passed/;
/** A meeting of three over some seconds: thousands of packets. Far fewer would mean that something else was counted. */
const MEDIA_PACKETS = 500;

const onStage = async (
  t: TestContext,
  options: TurnStageOptions,
  run: (stage: TurnStage) => Promise<void>,
) => {
  const stage = await openTurnStage(options);
  if (stage === undefined) return t.skip(NO_NETWORKS);
  try {
    await run(stage);
  } finally {
    await stage.stop();
  }
};

const meet = async ({ client, link, root }: TurnStage, ca = root) => {
  const check = runBelfry(['check', '--ca', ca], { wrapper: client, input: `${link}\n` });
  const { status } = await check.ended;
  return { status, said: check.output() + check.errors() };
};

const WAYS = [
  { family: 'IPv4', way: 'udp' },
  { family: 'IPv4', way: 'tcp' },
  { family: 'IPv4', way: 'tls' },
  { family: 'IPv6', way: 'udp' },
  { family: 'IPv6', way: 'tls' },
] as const;

for (const { family, way } of WAYS)
  test(
    `${family}: where only the TURN server is reached, by ${way}, participants meet through it`,
    LIMITS,
    (t) =>
      onStage(t, { family, ways: [way], name: `turn-${way}` }, async (stage) => {
        const { status, said } = await meet(stage);
        assert.equal(status, 0, said + stage.log() + stage.coturn.log());
        assert.match(said, PASSED);
        assert.ok(stage.dropped() > 0, 'direct ways were tried first');
        assert.ok(stage.relayed() > MEDIA_PACKETS);
        const used = way === 'udp' ? 'udp' : 'tcp';
        assert.ok(stage.asked(used) > MEDIA_PACKETS / 10);
        assert.equal(stage.asked(used === 'udp' ? 'tcp' : 'udp'), 0, 'nothing else was tried');
      }),
  );
