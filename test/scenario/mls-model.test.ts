import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_MLS_SUITE } from '../../src/e2ee/mls/suites.ts';
import { walked } from '../support/walked.ts';

/** The long form is test/long/mls-walk.test.ts. */
test('x25519: 150 random joins, leaves and updates up to 16 members agree after each', async () => {
  const walk = { suite: 'x25519', seed: 1, steps: 150, members: 16 } as const;
  const { joins, leaves, updates, timesFull } = await walked(walk);
  assert.ok(timesFull >= 3, `full ${timesFull} times`);
  assert.ok(joins >= 50 && leaves >= 50, `${joins} joins, ${leaves} leaves`);
  assert.ok(updates >= 20, `${updates} updates`);
});

test('the default suite: 60 of them up to 8 members agree after each', async () => {
  const walk = { suite: DEFAULT_MLS_SUITE, seed: 3, steps: 60, members: 8 };
  assert.ok((await walked(walk)).timesFull > 0);
});
