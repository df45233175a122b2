/** Meetings whose media keys come from their group: real clients, the real delivery step, and no network between. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { epochOf, KeyedWorld, speak } from '../support/keyed-world.ts';

/** Of a whole suite on busy cores; a test that never comes to its end fails by it. */
const TIMEOUT = { timeout: 120_000 };

describe('a meeting with a group', TIMEOUT, () => {
  it('has three who hear each other, in one epoch with one code', async () => {
    const world = await KeyedWorld.open();
    const { alice, bob, carol } = world.devices;
    const all = [
      await world.enter('Ada', alice),
      await world.enter('Ben', bob),
      await world.enter('Cora', carol),
    ];
    for (const client of all) await speak(client);
    await world.together(...all);
    const codes = new Set(all.map((client) => JSON.stringify(epochOf(client)?.code)));
    assert.equal(codes.size, 1);
    for (const from of all) for (const to of all) if (from !== to) assert.ok(await world.heard(from, to));
    for (const { meeting, keys } of all) {
      assert.equal(meeting.state.problem, undefined);
      assert.equal(keys.ever.size, 0, 'no key of the link’s secret is used');
    }
  });
});
