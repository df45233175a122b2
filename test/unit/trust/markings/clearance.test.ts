import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DAY_MS } from '../../../../src/trust/hosts/validity.ts';
import {
  CLEARANCE,
  CLEARANCE_DAYS,
  type Clearance,
  judgeClearance,
} from '../../../../src/trust/markings/clearance.ts';
import { covers, type Label, labelSchema, type Rank, rankOf } from '../../../../src/trust/markings/label.ts';
import type { Scale } from '../../../../src/trust/markings/scale.ts';
import type { RevocationList } from '../../../../src/trust/revocation/list.ts';
import { signStatement } from '../../../../src/trust/signing/statement.ts';
import { openOfficeStatement } from '../../../../src/trust/signing/vouched.ts';
import type { Opened, StatementDigest } from '../../../../src/trust/statement/statement.ts';
import { ALICE, codeOf, granted, makePeople, NOW, person } from '../../../support/people.ts';

const named = (id: string) => ({ id, names: { en: id } });
const SCALE: Scale = {
  scale: 'sample',
  languages: ['en'],
  levels: ['low', 'middle', 'high'].map((id) => ({ ...named(id), marking: id })),
  groups: ['north', 'south', 'east'].map(named),
};
const rank = (level: string, ...groups: string[]): Rank =>
  granted(rankOf({ scale: 'sample', level, groups }, SCALE));

describe('covers', () => {
  it('asks for the level and for every group', () => {
    assert.ok(covers(rank('middle', 'north'), rank('middle', 'north')));
    assert.ok(covers(rank('high', 'north', 'south'), rank('middle', 'north')));
    assert.ok(covers(rank('high'), rank('low')));
    assert.ok(!covers(rank('low', 'north'), rank('middle', 'north')));
    assert.ok(!covers(rank('high'), rank('low', 'north')));
    assert.ok(!covers(rank('high', 'south'), rank('low', 'north')));
    assert.ok(!covers(rank('high', 'north'), rank('low', 'north', 'south')));
  });

  it('compares nothing of two scales', () => {
    assert.ok(!covers({ ...rank('high'), scale: 'other' }, rank('low')));
  });

  const isWithin = (inner: ReadonlySet<string>, outer: ReadonlySet<string>): boolean =>
    new Set([...inner, ...outer]).size === outer.size;
  const ranks: fc.Arbitrary<Rank> = fc.record({
    scale: fc.constantFrom('one', 'one', 'one', 'two'),
    level: fc.nat({ max: 3 }),
    groups: fc.subarray(['a', 'b', 'c']).map((groups) => new Set(groups)),
  });
  const textOf = ({ scale, level, groups }: Rank): string =>
    JSON.stringify([scale, level, [...groups].sort()]);
  const same = (a: Rank, b: Rank): boolean => textOf(a) === textOf(b);

  it('is reflexive, antisymmetric and transitive: a partial order', () => {
    fc.assert(fc.property(ranks, (a) => assert.ok(covers(a, a))));
    fc.assert(
      fc.property(ranks, ranks, (a, b) => assert.ok(!(covers(a, b) && covers(b, a)) || same(a, b))),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(ranks, ranks, ranks, (a, b, c) =>
        assert.ok(!(covers(a, b) && covers(b, c)) || covers(a, c)),
      ),
      { numRuns: 5_000 },
    );
  });

  it('is given by the level and the set of groups, and by nothing else', () => {
    fc.assert(
      fc.property(ranks, ranks, (a, b) => {
        const covered = a.scale === b.scale && a.level >= b.level && isWithin(b.groups, a.groups);
        assert.equal(covers(a, b), covered);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a label', () => {
  it('is refused with a word that its scale does not have', () => {
    const label: Label = { scale: 'sample', level: 'low', groups: ['north'] };
    assert.equal(codeOf(rankOf(label, SCALE)), 'ok');
    assert.equal(codeOf(rankOf({ ...label, scale: 'other' }, SCALE)), 'label.other-scale');
    assert.equal(codeOf(rankOf({ ...label, level: 'higher' }, SCALE)), 'label.unknown-level');
    assert.equal(codeOf(rankOf({ ...label, groups: ['north', 'west'] }, SCALE)), 'label.unknown-group');
    assert.ok(!labelSchema.safeParse({ ...label, groups: ['north', 'north'] }).success);
  });
});

describe('a clearance', () => {
  const CLEARED: Clearance = {
    person: person('alice'),
    label: { scale: 'sample', level: 'middle', groups: ['north'] },
    fromUnixMs: NOW,
    untilUnixMs: NOW + CLEARANCE_DAYS * DAY_MS,
  };
  const DIGEST = 'd'.repeat(43) as StatementDigest;
  const LIST: RevocationList = {
    number: 1,
    issuedUnixMs: NOW,
    untilUnixMs: NOW + DAY_MS,
    persons: [],
    devices: [],
    clearances: [],
  };
  const opened = (changes: Partial<Clearance> = {}): Opened<Clearance> => ({
    value: { ...CLEARED, ...changes },
    signer: 'key' as Opened<unknown>['signer'],
    digest: DIGEST,
  });
  const question = { person: person('alice'), list: LIST, scale: SCALE, nowUnixMs: NOW };

  it('grants its level and groups to one person', () => {
    assert.deepEqual(granted(judgeClearance(opened(), question)), rank('middle', 'north'));
    const bob = { ...question, person: person('bob') };
    assert.equal(codeOf(judgeClearance(opened(), bob)), 'clearance.other-person');
  });

  it('lasts half a year at most', () => {
    const long = opened({ untilUnixMs: CLEARED.untilUnixMs + 1 });
    assert.equal(codeOf(judgeClearance(long, question)), 'clearance.too-long');
    for (const [nowUnixMs, code] of [
      [NOW - 1, 'clearance.not-yet'],
      [NOW, 'ok'],
      [CLEARED.untilUnixMs - 1, 'ok'],
      [CLEARED.untilUnixMs, 'clearance.expired'],
    ] as const)
      assert.equal(codeOf(judgeClearance(opened(), { ...question, nowUnixMs })), code);
  });

  it('can be revoked, alone or with its person', () => {
    const alone = { ...question, list: { ...LIST, clearances: [DIGEST] } };
    const whole = { ...question, list: { ...LIST, persons: [person('alice')] } };
    assert.equal(codeOf(judgeClearance(opened(), alone)), 'clearance.revoked');
    assert.equal(codeOf(judgeClearance(opened(), whole)), 'clearance.revoked');
  });

  it('grants nothing in words that the scale does not have', () => {
    const label = { ...CLEARED.label, level: 'higher' };
    assert.equal(codeOf(judgeClearance(opened({ label }), question)), 'label.unknown-level');
  });

  it('is signed by the clearance office and by nobody else', async () => {
    const people = await makePeople();
    const open = async ({ certificate, signing }: Awaited<ReturnType<typeof people.office>>) => {
      const statement = await signStatement(CLEARANCE, CLEARED, signing);
      const judge = { root: people.root, nowUnixMs: NOW };
      return openOfficeStatement(CLEARANCE, 'clearance', { certificate, statement }, judge);
    };
    assert.equal(codeOf(await open(await people.office('clearance'))), 'ok');
    assert.equal(codeOf(await open(await people.office('revocation'))), 'certificate.role');
    assert.equal(codeOf(await open(await people.device(ALICE))), 'certificate.role');
  });
});
