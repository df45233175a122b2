/** Random people order random things in a meeting that they come to and leave: against a model that knows little, and surely. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SOURCES, type Source } from '../../src/base/media.ts';
import type { Order } from '../../src/trust/acts/act.ts';
import { ACT_FRESH_MS, CHAIR_LOST_AFTER_MS, SECOND_WITHIN_MS } from '../../src/trust/acts/rules.ts';
import { grantsOf, type MeetingState, standingOf } from '../../src/trust/acts/state.ts';
import { ALL, CHARTER_DIGEST, marking, PlayedMeeting, who, whom } from '../support/acts.ts';

/** `BELFRY_ACT_RUNS=100000` is the long form. */
const RUNS = Number(process.env.BELFRY_ACT_RUNS ?? 2_000);
const STEPS = 100;
const SEED = 5;

const ELSEWHERE = 'E'.repeat(43) as typeof CHARTER_DIGEST;
const CHAIR = 'ada';
const DEPUTIES = ['dep', 'dup'];
const NAMED = [CHAIR, ...DEPUTIES, 'bob', 'eve', 'joe'];
const PEOPLE = [...NAMED, 'zoe', 'yan'];
const LEVELS = ['restricted', 'confidential', 'secret'];
const HIGH = 'secret';
/** Cleared for less than the highest: they may become the chair, and raise to there alone. In half of the runs the chair is as well. */
const CLEARED_LOWER = ['bob', 'eve', 'dup'];

type Move =
  | { readonly kind: 'fact'; readonly fact: 'arrived' | 'left' | 'not-entitled'; readonly name: string }
  | {
      readonly kind: 'order';
      readonly by: string;
      readonly second: boolean;
      readonly order: Order;
      readonly repeats: boolean;
      /** Signed so long ago. */
      readonly oldMs: number;
      /** Its signer was shown another chain. */
      readonly forked: boolean;
    }
  | { readonly kind: 'wait'; readonly ms: number };

const name = fc.constantFrom(...PEOPLE);
const meantPeople = fc.oneof(
  fc.constant(ALL),
  fc.uniqueArray(name, { minLength: 1, maxLength: 3 }).map((names) => whom(...names)),
);
const level = fc.constantFrom(...LEVELS).map((id) => marking(id));
const order = fc.oneof(
  fc.record({
    kind: fc.constantFrom('admit' as const, 'turn-away' as const, 'mute' as const),
    whom: meantPeople,
  }),
  fc.record({ kind: fc.constant('to-lobby' as const), person: name.map(who) }),
  fc.record({
    kind: fc.constantFrom('grant' as const, 'withdraw' as const),
    whom: meantPeople,
    sources: fc.constantFrom(['screen' as const], ['camera' as const, 'microphone' as const]),
  }),
  fc.record({
    kind: fc.constant('set-role' as const),
    person: name.map(who),
    role: fc.constantFrom('member' as const, 'observer' as const),
  }),
  fc.record({ kind: fc.constant('remove' as const), person: name.map(who), isForGood: fc.boolean() }),
  fc.record({
    kind: fc.constantFrom(
      'lock' as const,
      'unlock' as const,
      'raise-hand' as const,
      'take-chair' as const,
      'allow-export' as const,
    ),
  }),
  fc.record({ kind: fc.constant('lower-hand' as const), person: name.map(who) }),
  fc.record({ kind: fc.constant('hand-over-chair' as const), to: name.map(who) }),
  fc.record({ kind: fc.constantFrom('raise-marking' as const, 'lower-marking' as const), marking: level }),
  fc.record({ kind: fc.constant('invite' as const), persons: fc.constant([who('yan')]) }),
) as unknown as fc.Arbitrary<Order>;
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('fact' as const),
      fact: fc.constantFrom('arrived' as const, 'arrived' as const, 'left' as const, 'not-entitled' as const),
      name,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('order' as const),
      by: fc.oneof(name, fc.constantFrom(CHAIR, ...DEPUTIES)),
      second: fc.boolean(),
      order,
      repeats: fc.boolean(),
      oldMs: fc.constantFrom(0, 0, 0, ACT_FRESH_MS, ACT_FRESH_MS + 1),
      forked: fc.constantFrom(false, false, false, true),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1_000, CHAIR_LOST_AFTER_MS, SECOND_WITHIN_MS),
    }),
  },
);

/** What is known without any rule: who stands at the door, who is chair, who may never be in, who was ever granted what, who ordered what for two. */
class Model {
  chair = CHAIR;
  readonly atDoor = new Set<string>();
  readonly banned = new Set<string>();
  /** A grant for all is one for those who were there. */
  readonly granted = new Set<string>();
  readonly proposed = new Map<string, { by: string; kind: Order['kind']; atMs: number }>();
}

const CHAIR_ALONE = new Set<Order['kind']>([
  'admit',
  'turn-away',
  'mute',
  'to-lobby',
  'grant',
  'withdraw',
  'set-role',
  'remove',
  'lock',
  'unlock',
  'hand-over-chair',
  'raise-marking',
]);
const LEADERS = new Set<Order['kind']>(['lower-marking', 'invite', 'allow-export']);

/** What one accepted order must have had, by the model alone; and what the model learns of it. */
class Judge {
  readonly model = new Model();
  readonly meeting: PlayedMeeting;
  readonly #lower: ReadonlySet<string>;
  #last = CHARTER_DIGEST;

  constructor(meeting: PlayedMeeting, lower: readonly string[]) {
    this.meeting = meeting;
    this.#lower = new Set(lower);
  }

  play(move: Move): void {
    if (move.kind === 'wait') this.meeting.nowUnixMs += move.ms;
    else if (move.kind === 'fact') this.#fact(move);
    else this.#order(move);
  }

  #fact({ fact, name }: Extract<Move, { kind: 'fact' }>): void {
    this.meeting.fact(fact, name);
    if (fact === 'arrived') this.model.atDoor.add(name);
    else this.model.atDoor.delete(name);
  }

  #order({ by, second, order, repeats, oldMs, forked }: Extract<Move, { kind: 'order' }>): void {
    const { state: before } = this.meeting;
    const given: Order = second ? { kind: 'second', act: this.#last } : order;
    const { code, digest } = this.meeting.order(by, given, {
      ...(repeats ? { number: 1 } : {}),
      ...(forked ? { seen: { ...this.meeting.head, digest: ELSEWHERE } } : {}),
      atUnixMs: this.meeting.nowUnixMs - oldMs,
      cleared: marking(this.#lower.has(by) ? 'confidential' : HIGH),
    });
    if (code !== 'ok') {
      assert.equal(this.meeting.state, before, 'what is refused changes nothing');
      return;
    }
    assert.ok(before.present.has(who(by)), `${by} orders ${given.kind} without being there`);
    assert.ok(oldMs <= ACT_FRESH_MS && !forked, 'of this moment and this chain');
    this.#mayOrder(by, given.kind);
    if (given.kind === 'second') this.#inTime(by);
    else this.#propose(by, given, digest);
    this.#learn(by, given, before);
  }

  #mayOrder(by: string, kind: Order['kind']): void {
    if (CHAIR_ALONE.has(kind)) assert.equal(by, this.model.chair, kind);
    if (kind === 'raise-marking')
      assert.ok(!this.#lower.has(by) || this.meeting.state.marking.level !== HIGH);
    if (kind === 'second') assert.ok([CHAIR, ...DEPUTIES].includes(by), 'named by the charter');
    if (LEADERS.has(kind)) assert.ok(by === this.model.chair || DEPUTIES.includes(by), kind);
  }

  #inTime(by: string): void {
    const first = this.model.proposed.get(this.#last);
    assert.ok(first && first.by !== by, 'two people');
    assert.ok(this.meeting.nowUnixMs - first.atMs < SECOND_WITHIN_MS, 'in time');
  }

  #propose(by: string, { kind }: Order, digest: string): void {
    this.#last = digest as typeof CHARTER_DIGEST;
    this.model.proposed.set(digest, { by, kind, atMs: this.meeting.nowUnixMs });
  }

  #learn(by: string, given: Order, before: MeetingState): void {
    const { state } = this.meeting;
    if (given.kind === 'hand-over-chair') this.model.chair = String(given.to);
    if (given.kind === 'remove' && given.isForGood) this.model.banned.add(String(given.person));
    if (given.kind === 'grant') {
      const persons = given.whom.kind === 'all' ? before.present : given.whom.persons;
      for (const person of persons)
        for (const source of given.sources) this.model.granted.add(`${person} ${source}`);
    }
    if (given.kind === 'take-chair') {
      assert.ok([CHAIR, ...DEPUTIES].includes(by) && !before.present.has(who(this.model.chair)));
      this.model.chair = by;
    }
    // Above the marking one person alone changes nothing of what needs two.
    if (before.marking.level !== HIGH || !['lower-marking', 'invite', 'allow-export'].includes(given.kind))
      return;
    assert.deepEqual(
      [state.marking, state.invited, state.mayBeExported],
      [before.marking, before.invited, before.mayBeExported],
    );
  }
}

let stepsPlayed = 0;

const play = (
  moves: readonly Move[],
  opensByItself: boolean,
  isChairLower: boolean,
  grants: readonly Source[],
): PlayedMeeting => {
  const meeting = new PlayedMeeting({ opensByItself, grants: [...grants] }, 1);
  const judge = new Judge(meeting, isChairLower ? [CHAIR, ...CLEARED_LOWER] : CLEARED_LOWER);
  for (const move of moves) {
    const { present } = meeting.state;
    meeting.effects = [];
    judge.play(move);
    check(meeting, judge.model, present);
    stepsPlayed++;
  }
  return meeting;
};

const check = (meeting: PlayedMeeting, model: Model, before: ReadonlySet<unknown>): void => {
  assert.equal(meeting.state.chair, model.chair);
  checkPresent(meeting, model);
  checkGrants(meeting, model);
  checkEffects(meeting, before);
};

const checkPresent = ({ state }: PlayedMeeting, { atDoor, banned }: Model): void => {
  for (const person of state.present) {
    assert.ok(atDoor.has(person), `${person} is in without having come`);
    assert.ok(!banned.has(person), `${person} is in and was removed for good`);
    assert.ok(!state.waiting.has(person), `${person} is in and waits`);
  }
};

const checkGrants = ({ state }: PlayedMeeting, { chair, granted }: Model): void => {
  for (const name of PEOPLE) {
    const person = who(name);
    const isObserver = name !== chair && standingOf(state, person).role === 'observer';
    if (!state.present.has(person) || isObserver)
      assert.equal(grantsOf(state, person).size, 0, `${name} may send nothing`);
    if (name === chair) continue;
    for (const source of grantsOf(state, person))
      assert.ok(
        state.charter.grants.includes(source) || granted.has(`${name} ${source}`),
        `nobody let ${name} send ${source}`,
      );
  }
};

const checkEffects = ({ state, effects }: PlayedMeeting, before: ReadonlySet<unknown>): void => {
  for (const effect of effects) {
    if (effect.kind === 'let-in') assert.ok(state.present.has(effect.person));
    if (effect.kind === 'out') assert.ok(!state.present.has(effect.person) && before.has(effect.person));
    if (effect.kind === 'wait') assert.ok(state.waiting.has(effect.person));
  }
  // Removals come before whatever else has to be done.
  const kinds = effects.map(({ kind }) => kind);
  if (kinds.includes('out') && kinds.includes('let-in'))
    assert.ok(kinds.lastIndexOf('out') < kinds.indexOf('let-in'));
};

describe(`the rules of a meeting, ${RUNS} runs of ${STEPS} steps`, () => {
  it('let nobody in, and nobody order, whom the model would not', () => {
    fc.assert(
      fc.property(
        fc.array(move, { minLength: STEPS, maxLength: STEPS }),
        fc.boolean(),
        fc.boolean(),
        fc.uniqueArray(fc.constantFrom(...SOURCES), { maxLength: SOURCES.length }),
        (...given) => {
          const [one, other] = [play(...given), play(...given)];
          assert.deepEqual(one.state, other.state, 'everybody who plays the same comes to the same');
        },
      ),
      { seed: SEED, numRuns: RUNS },
    );
    assert.equal(stepsPlayed, 2 * RUNS * STEPS);
  });
});
