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

const WAYS = ['udp', 'tcp', 'tls'] as const;

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

const meet = async ({ client, link, people, root }: TurnStage) => {
  const input = await people.linksToCheck(link);
  const check = runBelfry(['check', '--ca', root], { wrapper: client, input });
  const { status } = await check.ended;
  return { status, said: check.output() + check.errors() };
};

for (const way of ['udp', 'tcp', 'tls'] as const)
  test(`where only the TURN server is reached, by ${way}, participants meet through it`, LIMITS, (t) =>
    onStage(t, { family: 'IPv4', ways: [way], name: `turn-${way}` }, async (stage) => {
      const { status, said } = await meet(stage);
      assert.equal(status, 0, said + stage.log() + stage.coturn.log());
      assert.match(said, PASSED);
      assert.ok(stage.direct() > 0, 'direct ways were tried first');
      assert.ok(stage.relayed() > MEDIA_PACKETS);
      assert.ok(!stage.log().includes(stage.secret), 'the log holds no secret');
      for (const other of WAYS) if (other !== way) assert.equal(stage.asked(other), 0, other);
    }),
  );

test('IPv6: where nothing passes but TLS on 443, the last way is found', LIMITS, (t) =>
  onStage(t, { family: 'IPv6', ways: WAYS, onlyTls: true, name: 'turn-443' }, async (stage) => {
    const { status, said } = await meet(stage);
    assert.equal(status, 0, said + stage.log() + stage.coturn.log());
    assert.match(said, PASSED);
    assert.ok(stage.asked('udp') > 0 && stage.asked('tcp') > 0, 'the others were tried');
    assert.ok(stage.relayed() > MEDIA_PACKETS);
  }),
);

test('where media is reached directly the TURN server is not even asked', LIMITS, (t) =>
  onStage(t, { family: 'IPv4', ways: WAYS, isOpen: true, name: 'turn-open' }, async (stage) => {
    const { status, said } = await meet(stage);
    assert.equal(status, 0, said + stage.log());
    assert.ok(stage.direct() > MEDIA_PACKETS);
    for (const way of WAYS) assert.equal(stage.asked(way), 0, way);
  }),
);

for (const [why, change] of [
  ['whose certificate nobody trusts', { isForeign: true }],
  ['that may not forward to the relay', { forwardsElsewhere: true }],
] as const)
  test(`a TURN server ${why} is no way to it`, LIMITS, (t) =>
    onStage(t, { family: 'IPv4', ways: ['tls'], ...change, name: 'turn-no' }, async (stage) => {
      const { status } = await meet(stage);
      assert.equal(status, 1);
      assert.ok(stage.asked('tls') > 0, 'it was asked');
      assert.equal(stage.relayed(), 0);
      const isAllocated = /ALLOCATE processed, success/.test(stage.coturn.log());
      assert.equal(isAllocated, 'forwardsElsewhere' in change);
    }),
  );
