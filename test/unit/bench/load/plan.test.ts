import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asScenario } from '../../../../bench/load/scenario/files.ts';
import {
  inForm,
  type Plan,
  planOf,
  type Visit,
  withParticipants,
} from '../../../../bench/load/scenario/plan.ts';
import type { Scenario } from '../../../../bench/load/scenario/schema.ts';
import { guestsOf } from '../../../../bench/load/server/convening.ts';

const scenarioOf = (changes: object = {}): Scenario => {
  const made = asScenario(
    {
      name: 'made',
      about: 'made for a test',
      seconds: 60,
      arrivals: { kind: 'constant', perSecond: 10 },
      people: [
        { name: 'talkers', count: 2, weight: 'full', sends: { cameraLayers: 3, microphone: 'always' } },
        { name: 'crowd', count: 6, weight: 'light', scales: true },
      ],
      passes: [{ figure: 'failed-joins', most: 0 }],
      forms: { short: { seconds: 20, counts: { crowd: 3 } }, tiny: { seconds: 5 } },
      ...changes,
    },
    'test',
  );
  assert.ok(made.ok, made.ok ? '' : made.refusal.message);
  return made.value;
};

const planned = (scenario: Scenario, seed = 1): Plan => {
  const plan = planOf(scenario, seed);
  assert.ok(plan.ok);
  return plan.value;
};
const refusalOf = (scenario: Scenario): string | undefined => {
  const plan = planOf(scenario, 1);
  return plan.ok ? undefined : plan.refusal.code;
};

test('everybody of every group has a visit, numbered in the order of their coming', () => {
  const { visits, people } = planned(scenarioOf());
  assert.deepEqual(people, { full: 2, light: 6, ghost: 0 });
  assert.deepEqual(
    visits.map(({ index }) => index),
    [0, 1, 2, 3, 4, 5, 6, 7],
  );
  assert.ok(visits.every((visit, i) => visit.joinAtMs >= (visits[i - 1]?.joinAtMs ?? 0)));
  assert.ok(visits.every(({ leaveAtMs }) => leaveAtMs === 60_000));
});

test('people are spread over the meetings one after another', () => {
  const { visits } = planned(scenarioOf({ meetings: 2 }));
  const counts = [0, 1].map((meeting) => visits.filter((visit) => visit.meeting === meeting).length);
  assert.deepEqual(counts, [4, 4]);
});

test('who churns leaves and comes anew, never two at once, until the end', () => {
  const churning = scenarioOf({
    people: [{ name: 'one', count: 1, weight: 'full', churn: { staysSeconds: 3, awaySeconds: 2 } }],
    forms: { short: {}, tiny: {} },
  });
  const { visits } = planned(churning);
  assert.ok(visits.length > 3, `${visits.length} visits`);
  for (const [i, { joinAtMs, leaveAtMs, isReturn }] of visits.entries()) {
    assert.ok(leaveAtMs > joinAtMs && leaveAtMs <= 60_000);
    assert.ok(joinAtMs >= (visits[i - 1]?.leaveAtMs ?? 0));
    assert.equal(isReturn, i > 0);
  }
});

test('who comes back is the same person, and no two are one', () => {
  const { visits } = planned(
    scenarioOf({
      people: [
        { name: 'staying', count: 2, weight: 'full' },
        { name: 'passing', count: 3, weight: 'full', churn: { staysSeconds: 3, awaySeconds: 2 } },
      ],
      forms: { short: {}, tiny: {} },
    }),
  );
  const personsOf = (group: string) =>
    new Set(visits.filter((visit) => visit.group === group).map(({ person }) => person));
  assert.deepEqual([...personsOf('staying')].sort(), [0, 1]);
  assert.deepEqual([...personsOf('passing')].sort(), [2, 3, 4]);
  const last = visits.filter(({ person }) => person === 4);
  assert.ok(
    last.length > 1 && last.slice(1).every((visit, i) => visit.joinAtMs >= (last[i]?.leaveAtMs ?? 0)),
  );
});

test('a meeting is convened by whoever stays longest in it, and names all who ever come', () => {
  const [template] = planned(scenarioOf()).visits;
  assert.ok(template);
  const visit = (person: number, meeting: number, joinAtMs: number, leaveAtMs: number): Visit => ({
    ...template,
    person,
    meeting,
    joinAtMs,
    leaveAtMs,
  });
  const guests = guestsOf({
    visits: [visit(0, 0, 0, 10), visit(1, 1, 1, 60), visit(2, 0, 2, 60), visit(0, 0, 20, 30)],
  });
  assert.deepEqual(
    [...guests],
    [
      [0, { chair: 2, people: [0, 2] }],
      [1, { chair: 1, people: [1] }],
    ],
  );
});

test('the same seed gives the same plan, another gives another', () => {
  const scenario = scenarioOf({ arrivals: { kind: 'spike', withinSeconds: 10 } });
  assert.deepEqual(planned(scenario, 4), planned(scenario, 4));
  assert.notDeepEqual(planned(scenario, 4), planned(scenario, 5));
});

test('a form takes the place of what it names, and leaves the rest', () => {
  const short = inForm(scenarioOf(), 'short');
  assert.equal(short.seconds, 20);
  assert.deepEqual(
    short.people.map(({ count }) => count),
    [2, 3],
  );
  assert.deepEqual(short.arrivals, { kind: 'constant', perSecond: 10 });
  assert.equal(inForm(scenarioOf(), 'full').seconds, 60);
});

test('a number of participants is made up by the groups that scale, to the last one', () => {
  const sized = withParticipants(scenarioOf(), 103);
  assert.ok(sized.ok);
  assert.deepEqual(
    sized.value.people.map(({ count }) => count),
    [2, 101],
  );
  const three = scenarioOf({
    people: ['a', 'b', 'c'].map((name) => ({ name, count: 1, weight: 'full', scales: true })),
    forms: { short: {}, tiny: {} },
  });
  const shared = withParticipants(three, 100);
  assert.ok(shared.ok);
  assert.equal(
    shared.value.people.reduce((sum, { count }) => sum + count, 0),
    100,
  );
});

test('too few participants, and scenarios of one size, are refused', () => {
  const few = withParticipants(scenarioOf(), 2);
  assert.equal(few.ok ? undefined : few.refusal.code, 'scenario.too-few');
  const fixed = scenarioOf({
    people: [{ name: 'a', count: 1, weight: 'full' }],
    forms: { short: {}, tiny: {} },
  });
  const sized = withParticipants(fixed, 9);
  assert.equal(sized.ok ? undefined : sized.refusal.code, 'scenario.fixed');
});

test('ghosts come with one in twenty who opens what arrives, or not at all', () => {
  const withFull = (count: number) =>
    scenarioOf({
      people: [
        { name: 'seeing', count, weight: 'full' },
        { name: 'ghosts', count: 100 - count, weight: 'ghost' },
      ],
      forms: { short: {}, tiny: {} },
    });
  assert.equal(refusalOf(withFull(4)), 'scenario.too-few-full');
  assert.equal(refusalOf(withFull(5)), undefined);
});

test('a plan that nobody could carry out is refused', () => {
  assert.equal(
    refusalOf(scenarioOf({ arrivals: { kind: 'constant', perSecond: 0.05 } })),
    'scenario.too-short',
  );
  const nobody = scenarioOf({
    people: [{ name: 'a', count: 0, weight: 'full' }],
    forms: { short: {}, tiny: {} },
  });
  assert.equal(refusalOf(nobody), 'scenario.nobody');
});

test('a fault that would never happen is refused, also where only a form is too short for it', () => {
  const faults = [{ kind: 'cut-signaling', atSeconds: 20, share: 0.5 }];
  const scenario = scenarioOf({ faults });
  assert.equal(refusalOf(scenario), undefined);
  assert.equal(refusalOf(inForm(scenario, 'short')), 'scenario.late-fault');
});
