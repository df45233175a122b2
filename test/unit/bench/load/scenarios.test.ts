import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { asScenario, readScenario, shippedNames } from '../../../../bench/load/scenario/files.ts';
import { inForm, planOf } from '../../../../bench/load/scenario/plan.ts';
import { FIGURES, FORMS, scenarioSchema } from '../../../../bench/load/scenario/schema.ts';

const PROJECT = join(import.meta.dirname, '../../../..');
const page = readFileSync(join(PROJECT, 'docs/load.md'), 'utf8');

for (const name of shippedNames())
  test(`${name} is a scenario under its own name, and each of its forms can be planned`, () => {
    const read = readScenario(name);
    assert.ok(read.ok, read.ok ? '' : read.refusal.message);
    assert.equal(read.value.name, name);
    for (const form of FORMS) {
      const plan = planOf(inForm(read.value, form), 1);
      assert.ok(plan.ok, plan.ok ? '' : `${form}: ${plan.refusal.message}`);
    }
    assert.ok(inForm(read.value, 'tiny').seconds < 12, 'a tiny form is a test of a few seconds');
  });

test('the page explains every field of a scenario, every figure, and every shipped scenario', () => {
  const fields = Object.keys(scenarioSchema.shape);
  for (const word of [...fields, ...FIGURES, ...shippedNames()])
    assert.ok(page.includes(`\`${word}\``), `docs/load.md says nothing of ${word}`);
});

const cabinet = (): Record<string, unknown> =>
  JSON.parse(readFileSync(join(PROJECT, 'bench/load/scenarios/cabinet.json'), 'utf8')) as Record<
    string,
    unknown
  >;
const people = [{ name: 'a', count: 1, weight: 'full' }];

const wrong: readonly (readonly [string, object, RegExp])[] = [
  ['a field that nobody knows', { colour: 'red' }, /colour/],
  ['a negative time', { seconds: -1 }, /seconds/],
  ['an unknown weight', { people: [{ name: 'a', count: 1, weight: 'heavy' }] }, /weight/],
  ['two groups of one name', { people: [...people, ...people] }, /two groups have one name/],
  ['a form of people that are not there', { people }, /a form counts a group/],
  ['a criterion without a bound', { passes: [{ figure: 'failed-joins' }] }, /most or least/],
  [
    'bounds that nothing is between',
    { passes: [{ figure: 'retries', least: 2, most: 1 }] },
    /least is more than most/,
  ],
  ['a form that everything passes', { forms: { short: { passes: [] }, tiny: {} } }, /forms.short.passes/],
  ['a total of durations', { passes: [{ figure: 'join-ms', most: 1 }] }, /p50, p95/],
  [
    'a percentile of a count',
    { passes: [{ figure: 'retries', at: 'p95', most: 1 }] },
    /total and nothing else/,
  ],
  [
    'bursts that no path can have',
    { faults: [{ kind: 'impair', atSeconds: 1, down: { loss: { share: 0.9, meanPackets: 2 } } }] },
    /no path can be like that/,
  ],
];
for (const [what, changes, message] of wrong)
  test(`${what} is refused, with its place`, () => {
    const made = asScenario({ ...cabinet(), ...changes }, 'file.json');
    assert.ok(!made.ok);
    assert.equal(made.refusal.code, 'scenario.invalid');
    assert.match(made.refusal.message, message);
  });

test('an unknown name is answered by the known ones, a broken file by its path', () => {
  const unknown = readScenario('nothing');
  assert.ok(!unknown.ok);
  assert.match(unknown.refusal.remedy ?? '', /cabinet/);
  const broken = readScenario(join(PROJECT, 'README.md.json'));
  assert.equal(broken.ok ? undefined : broken.refusal.code, 'scenario.unreadable');
});
