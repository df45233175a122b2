import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { asId, type ParticipantId, type ProducerId } from '../../../../src/base/ids.ts';
import { type PlanAction, plan } from '../../../../src/sfu/policy/plan.ts';
import type { Ceiling, Layout } from '../../../../src/sfu/policy/view.ts';

const ceiling = fc.record({ spatialLayer: fc.nat(2), temporalLayer: fc.nat(2) }, { noNullPrototype: true });
const idOf = <Id extends ParticipantId | ProducerId>(prefix: string) =>
  fc.nat(5).map((n) => asId<Id>(`${prefix}${n}`));
const mapOf = <K, V>(key: fc.Arbitrary<K>, value: fc.Arbitrary<V>): fc.Arbitrary<ReadonlyMap<K, V>> =>
  fc.array(fc.tuple(key, value), { maxLength: 8 }).map((entries) => new Map(entries));
const layout: fc.Arbitrary<Layout> = mapOf(idOf<ParticipantId>('p'), mapOf(idOf<ProducerId>('s'), ceiling));

/** A layout as a flat table, so that a receiver without streams and an absent one are the same. */
const flat = (one: Layout): Map<string, Ceiling> =>
  new Map(
    [...one].flatMap(([receiver, streams]) =>
      [...streams].map(([producer, value]): [string, Ceiling] => [`${receiver} ${producer}`, value]),
    ),
  );

const applyTo = (table: Map<string, Ceiling>, actions: readonly PlanAction[]): Map<string, Ceiling> => {
  for (const action of actions) {
    const key = `${action.receiver} ${action.producer}`;
    assert.equal(table.has(key), action.kind !== 'add', `${action.kind} of ${key}`);
    if (action.kind === 'remove') table.delete(key);
    else table.set(key, action.ceiling);
  }
  return table;
};

const sorted = (table: Map<string, Ceiling>) => [...table].sort(([a], [b]) => a.localeCompare(b));

describe('plan', () => {
  it('turns any layout into any other, and only what differs', () => {
    fc.assert(
      fc.property(layout, layout, (before, after) => {
        const actions = plan(before, after);
        assert.deepEqual(sorted(applyTo(flat(before), actions)), sorted(flat(after)));
        assert.ok(actions.length <= flat(before).size + flat(after).size);
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  it('is empty between equal layouts', () => {
    fc.assert(
      fc.property(layout, (one) => {
        const copy = new Map([...one].map(([who, streams]) => [who, new Map(streams)] as const));
        assert.deepEqual(plan(one, copy), []);
      }),
      { seed: 3 },
    );
  });

  it('removes before it adds', () => {
    fc.assert(
      fc.property(layout, layout, (before, after) => {
        const kinds = plan(before, after).map(({ kind }) => kind !== 'remove');
        assert.deepEqual(kinds, [...kinds].sort());
      }),
      { seed: 3 },
    );
  });
});
