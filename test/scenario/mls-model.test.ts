import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { DEFAULT_MLS_SUITE } from '../../src/e2ee/mls/suites.ts';
import type { Walk, Walked } from '../support/mls-model.ts';

const PROGRAM = join(import.meta.dirname, '../support/mls-walk.ts');
/** Far above what a walk takes: a hanging one is ended. */
const MAX_MS = 900_000;
const STEPS = 500;
const MEMBERS = 60;
/** The long form, by the runner of Node itself, since a file of `npm test` has five minutes: BELFRY_MLS_STEPS=500 BELFRY_MLS_MEMBERS=60. */
const DEFAULT_STEPS = Number(process.env.BELFRY_MLS_STEPS ?? 60);
const DEFAULT_MEMBERS = Number(process.env.BELFRY_MLS_MEMBERS ?? 8);

/** In a process of its own: this one's runner follows every promise, and a walk is made of millions. */
const walked = async (walk: Walk): Promise<Walked> => {
  const args = ['--disable-warning=ExperimentalWarning', PROGRAM, JSON.stringify(walk)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: MAX_MS });
  return JSON.parse(stdout) as Walked;
};

test(`x25519: ${STEPS} random joins, leaves and updates up to ${MEMBERS} members agree after each`, async () => {
  const { joins, leaves, updates, timesFull } = await walked({
    suite: 'x25519',
    seed: 1,
    steps: STEPS,
    members: MEMBERS,
  });
  assert.ok(timesFull >= 5, `full ${timesFull} times`);
  assert.ok(joins >= 300 && leaves >= 300, `${joins} joins, ${leaves} leaves`);
  assert.ok(updates >= 100, `${updates} updates`);
});

test(`the default suite: ${DEFAULT_STEPS} of them up to ${DEFAULT_MEMBERS} members agree after each`, async () => {
  const walk = { suite: DEFAULT_MLS_SUITE, seed: 3, steps: DEFAULT_STEPS, members: DEFAULT_MEMBERS };
  assert.ok((await walked(walk)).timesFull > 0);
});
