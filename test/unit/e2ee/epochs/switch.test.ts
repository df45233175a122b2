import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import fc from 'fast-check';
import { MAX_RECEIVING, OLD_KEYS_LIVE_MS, READY_WITHIN_MS } from '../../../../src/e2ee/epochs/limits.ts';
import {
  type EpochInput,
  type EpochState,
  newEpochs,
  stepEpochs,
} from '../../../../src/e2ee/epochs/switch.ts';

type Input = EpochInput<string>;
const adopted = (epoch: number, others: readonly string[], isRemoval = false): Input => ({
  kind: 'adopted',
  epoch: BigInt(epoch),
  others: new Set(others),
  isRemoval,
});
const allReady = (from: readonly string[], epoch: number): Input => ({
  kind: 'ready',
  from,
  epoch: BigInt(epoch),
});
const ready = (from: string, epoch: number): Input => allReady([from], epoch);
const TICK: Input = { kind: 'tick' };

/** Does one after the other, and says each effect in two words. */
class Member {
  state: EpochState<string> = newEpochs();
  wakeAtMs: number | undefined;

  take(input: Input, nowMs: number): string[] {
    const { state, effects, wakeAtMs } = stepEpochs(this.state, input, nowMs);
    this.state = state;
    this.wakeAtMs = wakeAtMs;
    return effects.map(({ kind, epoch }) => `${kind} ${epoch}`);
  }
}

const inEpoch = (epoch: number, others: readonly string[]): Member => {
  const member = new Member();
  member.take(adopted(epoch, others), 0);
  for (const other of others) member.take(ready(other, epoch), 0);
  return member;
};

test('all are ready or a second is over, and old keys go within two', () => {
  assert.ok(READY_WITHIN_MS <= 1_000, `${READY_WITHIN_MS} ms to wait for who is not ready`);
  assert.ok(OLD_KEYS_LIVE_MS <= 2_000, `old keys live for ${OLD_KEYS_LIVE_MS} ms`);
  assert.ok(READY_WITHIN_MS < OLD_KEYS_LIVE_MS, 'the last to switch is still heard');
});

describe('a member that adopts an epoch', () => {
  it('opens under it at once, and seals under it when all others said that they open it', () => {
    const member = inEpoch(1, ['bob', 'eve']);
    assert.deepEqual(member.take(adopted(2, ['bob', 'eve']), 100), ['open-under 2', 'say-ready 2']);
    assert.deepEqual(member.take(ready('bob', 2), 110), []);
    assert.deepEqual(member.take(ready('bob', 2), 111), [], 'twice the same says no more');
    assert.deepEqual(member.take(ready('eve', 2), 120), ['seal-under 2']);
  });

  it('hears many say so at once, before it and after', () => {
    const member = inEpoch(1, ['bob', 'eve', 'mia', 'zoe']);
    member.take(allReady(['bob', 'eve'], 2), 90);
    member.take(adopted(2, ['bob', 'eve', 'mia', 'zoe']), 100);
    assert.deepEqual(member.take(allReady(['bob', 'zoe'], 2), 110), []);
    assert.deepEqual(member.take(allReady(['zoe', 'mia'], 2), 120), ['seal-under 2']);
  });

  it('does not wait for the silent for longer than it may', () => {
    const member = inEpoch(1, ['bob']);
    member.take(adopted(2, ['bob', 'eve']), 100);
    assert.equal(member.wakeAtMs, 100 + READY_WITHIN_MS);
    assert.deepEqual(member.take(TICK, 99 + READY_WITHIN_MS), []);
    assert.deepEqual(member.take(TICK, 100 + READY_WITHIN_MS), ['seal-under 2']);
  });

  it('waits for nobody where somebody was removed', () => {
    const member = inEpoch(1, ['bob', 'eve']);
    assert.deepEqual(member.take(adopted(2, ['bob'], true), 100), [
      'open-under 2',
      'say-ready 2',
      'seal-under 2',
    ]);
  });

  it('counts those who were ready before it', () => {
    const member = inEpoch(1, ['bob', 'eve']);
    member.take(ready('bob', 2), 90);
    member.take(ready('eve', 2), 91);
    assert.ok(member.take(adopted(2, ['bob', 'eve']), 100).includes('seal-under 2'));
    const joiner = new Member();
    joiner.take(ready('bob', 7), 90);
    assert.ok(joiner.take(adopted(7, ['bob']), 100).includes('seal-under 7'));
  });

  it('forgets the epoch before when its frames can no longer be under way', () => {
    const member = inEpoch(1, ['bob']);
    member.take(adopted(2, ['bob']), 100);
    member.take(ready('bob', 2), 150);
    assert.equal(member.wakeAtMs, 100 + OLD_KEYS_LIVE_MS);
    assert.deepEqual(member.take(TICK, 99 + OLD_KEYS_LIVE_MS), []);
    assert.deepEqual(member.take(TICK, 100 + OLD_KEYS_LIVE_MS), ['forget 1']);
    assert.equal(member.wakeAtMs, undefined);
  });

  it('goes only forward', () => {
    const member = inEpoch(5, ['bob']);
    assert.deepEqual(member.take(adopted(5, ['bob']), 100), []);
    assert.deepEqual(member.take(adopted(4, ['bob']), 100), []);
  });

  it('is not kept under an old epoch by a storm of new ones: each keeps its own time', () => {
    const member = inEpoch(1, ['bob']);
    const sealed: string[] = [];
    for (let i = 0; i < 8; i++) {
      const nowMs = 100 + i * 300;
      const effects = member.take(adopted(2 + i, ['bob']), nowMs);
      sealed.push(
        ...effects.filter((effect) => effect.startsWith('seal')).map((effect) => `${nowMs}: ${effect}`),
      );
    }
    assert.deepEqual(sealed, [
      '1300: seal-under 2',
      '1600: seal-under 3',
      '1900: seal-under 4',
      '2200: seal-under 5',
    ]);
  });

  it('goes to a removal at once, past all that still waited', () => {
    const member = inEpoch(1, ['bob', 'eve']);
    member.take(adopted(2, ['bob', 'eve']), 100);
    assert.ok(member.take(adopted(3, ['bob'], true), 150).includes('seal-under 3'));
    assert.deepEqual(member.take(TICK, 1_100), [], 'what was overtaken is not gone back to');
  });

  it('opens under a bounded number of epochs', () => {
    const member = inEpoch(1, ['bob']);
    const effects = Array.from({ length: 20 }, (_, i) => member.take(adopted(2 + i, ['bob']), 100)).flat();
    assert.equal(member.state.receiving.length, MAX_RECEIVING);
    assert.deepEqual(effects.filter((effect) => effect.startsWith('forget')).slice(0, 2), [
      'forget 1',
      'forget 2',
    ]);
  });

  it('makes room before it opens, and never seals under what it forgot', () => {
    const member = inEpoch(1, ['bob']);
    const open = new Set(['1']);
    for (let epoch = 2; epoch < 22; epoch++)
      for (const effect of member.take(adopted(epoch, ['bob']), 100)) {
        const [kind, of = ''] = effect.split(' ');
        if (kind === 'forget') open.delete(of);
        if (kind === 'open-under') open.add(of);
        assert.ok(open.size <= MAX_RECEIVING, effect);
      }
    assert.equal(member.state.sending, undefined, 'what it sealed under is gone');
    assert.deepEqual(member.take(ready('bob', 3), 110), [], 'of an epoch that is gone');
    assert.deepEqual(member.take(ready('bob', 21), 120), ['seal-under 21']);
  });

  it('that slept through it goes to the newest at once', () => {
    const member = inEpoch(1, ['bob']);
    member.take(adopted(2, ['bob']), 100);
    member.take(adopted(3, ['bob']), 400);
    assert.deepEqual(member.take(TICK, 60_000), ['seal-under 3', 'forget 1', 'forget 2']);
  });

  it('does not take in what claims to be far ahead', () => {
    const member = inEpoch(1, ['bob']);
    for (let epoch = 3; epoch < 1_000; epoch++) member.take(ready('bob', epoch), 10);
    assert.equal(member.state.readyEarly.size, 0);
    const joiner = new Member();
    for (let epoch = 3; epoch < 1_000; epoch++) joiner.take(ready('bob', epoch), 10);
    assert.ok(joiner.state.readyEarly.size <= 4);
  });
});

/** A meeting whose members hear of epochs and of each other's readiness late, in no order, and tell the truth. */
const PEOPLE = ['ada', 'bob', 'eve', 'joe', 'kim'] as const;
/** Network and computing, of which a second leaves room for both ways. */
const LATE_MS = 400;
/** An epoch settles before the next one is committed. */
const PACE_MS = 300;

interface Event {
  readonly atMs: number;
  readonly to: string;
  readonly input: Input;
}

class World {
  readonly members = new Map(PEOPLE.map((name) => [name as string, new Member()]));
  readonly #events: Event[] = [];
  readonly #delay: () => number;

  constructor(delay: () => number) {
    this.#delay = delay;
    for (const member of this.members.values()) Object.assign(member, inEpoch(0, []));
  }

  readonly #adopting = new Map<string, number>();

  post(atMs: number, to: string, input: Input): void {
    this.#events.push({ atMs: atMs + this.#delay(), to, input });
  }

  /** Commits are adopted in their order, whatever order they came in. */
  commit(atMs: number, to: string, input: Input): void {
    const adoptedMs = Math.max(atMs + this.#delay(), this.#adopting.get(to) ?? 0);
    this.#adopting.set(to, adoptedMs);
    this.#events.push({ atMs: adoptedMs, to, input });
  }

  /** After each event `look` sees the whole world. */
  run(untilMs: number, look: (nowMs: number) => void): void {
    for (;;) {
      const wakes = [...this.members].flatMap(([to, { wakeAtMs }]) =>
        wakeAtMs === undefined ? [] : [{ atMs: wakeAtMs, to, input: TICK }],
      );
      const next = [...this.#events, ...wakes].sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > untilMs) return;
      const at = this.#events.indexOf(next as Event);
      if (at >= 0) this.#events.splice(at, 1);
      this.#give(next);
      look(next.atMs);
    }
  }

  #give({ atMs, to, input }: Event): void {
    for (const effect of this.members.get(to)?.take(input, atMs) ?? []) {
      const [kind, epoch] = effect.split(' ');
      if (kind === 'say-ready')
        for (const other of PEOPLE) if (other !== to) this.post(atMs, other, ready(to, Number(epoch)));
    }
  }
}

describe('a meeting whose members hear everything late', () => {
  it('never has a frame meet a member without its key, at whatever pace epochs come', () => {
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.nat({ max: LATE_MS })),
        fc.array(fc.integer({ min: PACE_MS, max: 3_000 }), { minLength: 1, maxLength: 12 }),
        (delays, pauses) => {
          const world = new World(() => delays.next().value ?? 0);
          let atMs = 0;
          pauses.forEach((pause, i) => {
            atMs += pause;
            for (const to of PEOPLE)
              world.commit(
                atMs,
                to,
                adopted(
                  i + 1,
                  PEOPLE.filter((name) => name !== to),
                ),
              );
          });
          world.run(atMs + 60_000, () => {
            const all = [...world.members.values()];
            for (const { state } of all)
              for (const other of all)
                assert.ok(
                  other.state.receiving.some(({ epoch }) => epoch === state.sending),
                  `sealed under ${state.sending}, opens ${other.state.receiving.map(({ epoch }) => epoch)}`,
                );
          });
          for (const { state } of world.members.values()) {
            assert.equal(state.sending, BigInt(pauses.length), 'all ended under the newest');
            assert.deepEqual(
              state.receiving.map(({ epoch }) => epoch),
              [BigInt(pauses.length)],
            );
          }
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });
});
