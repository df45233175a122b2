import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_MLS_SUITE } from '../../src/e2ee/mls/suites.ts';
import { walked } from '../support/walked.ts';

const STEPS = 500;
const MEMBERS = 60;

for (const [suite, seed] of [
  ['x25519', 1],
  [DEFAULT_MLS_SUITE, 3],
] as const)
  test(`${suite}: ${STEPS} random joins, leaves and updates up to ${MEMBERS} members agree after each`, async () => {
    const { joins, leaves, updates, timesFull } = await walked({
      suite,
      seed,
      steps: STEPS,
      members: MEMBERS,
    });
    assert.ok(timesFull >= 5, `full ${timesFull} times`);
    assert.ok(joins >= 300 && leaves >= 300, `${joins} joins, ${leaves} leaves`);
    assert.ok(updates >= 100, `${updates} updates`);
  });
