import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { REPLAY_WINDOW, ReplayWindow } from '../../../src/e2ee/sframe/replay.ts';
import { MAX_UINT64 } from '../../../src/framing/sframe-header.ts';

/** Slow and readable: everything that was seen, kept for good. */
class EverythingSeen {
  readonly #seen = new Set<bigint>();
  #highest = -1n;

  accepts(ctr: bigint): boolean {
    return !this.#seen.has(ctr) && ctr > this.#highest - BigInt(REPLAY_WINDOW);
  }

  add(ctr: bigint): void {
    this.#seen.add(ctr);
    if (ctr > this.#highest) this.#highest = ctr;
  }
}

const accept = (window: ReplayWindow | EverythingSeen, ctr: bigint): boolean => {
  const accepted = window.accepts(ctr);
  if (accepted) window.add(ctr);
  return accepted;
};

test('it decides as a list of everything seen would', () => {
  const step = fc.oneof(
    fc.integer({ min: -1100, max: 40 }),
    fc.integer({ min: -3, max: 3 }),
    fc.integer({ min: 900, max: 3000 }),
  );
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 63n }),
      fc.array(step, { maxLength: 300 }),
      (start, steps) => {
        const window = new ReplayWindow();
        const model = new EverythingSeen();
        let highest = start;
        for (const step of steps) {
          const ctr = highest + BigInt(step);
          if (ctr < 0n) continue;
          assert.equal(accept(window, ctr), accept(model, ctr), `${ctr}`);
          if (ctr > highest) highest = ctr;
        }
      },
    ),
  );
});

test('1,023 below the highest is fresh once, 1,024 below never', () => {
  const window = new ReplayWindow();
  assert.ok(accept(window, 5000n));
  assert.ok(accept(window, 5000n - 1023n));
  assert.ok(!accept(window, 5000n - 1023n));
  assert.ok(!accept(window, 5000n - 1024n));
});

test('the ends of 64 bits are counters like others', () => {
  const window = new ReplayWindow();
  assert.ok(accept(window, 0n));
  assert.ok(!accept(window, 0n));
  assert.ok(accept(window, MAX_UINT64));
  assert.ok(!accept(window, MAX_UINT64));
  assert.ok(accept(window, MAX_UINT64 - 1n));
});
