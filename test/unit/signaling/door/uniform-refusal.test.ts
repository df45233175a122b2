import assert from 'node:assert/strict';
import { it } from 'node:test';
import { asId, type MeetingId, type SessionId } from '../../../../src/base/ids.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import { ok } from '../../../../src/base/result.ts';
import { UniformRefusal } from '../../../../src/signaling/door/uniform-refusal.ts';
import { DEFAULT_LIMITS } from '../../../../src/signaling/limits.ts';
import { newSession } from '../../../../src/signaling/session/session.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const PERIOD_MS = DEFAULT_LIMITS.entryRefusalMs;

for (const [tookMs, toldAtMs] of [
  [0, PERIOD_MS],
  [PERIOD_MS - 1, PERIOD_MS],
  [PERIOD_MS, 2 * PERIOD_MS],
  [PERIOD_MS + 1, 2 * PERIOD_MS],
  [2 * PERIOD_MS + 1, 3 * PERIOD_MS],
] as const)
  it(`a refusal that took ${tookMs} ms to judge is told after ${toldAtMs}: how long it took is not`, () => {
    const clock = new FakeClock();
    const link = { send() {}, cut() {}, refused() {} };
    const identity = { id: asId<SessionId>('s'), order: 1, secret: 'x' };
    const session = newSession(identity, DEFAULT_LIMITS, link, clock.nowMs());
    const toldAt: number[] = [];
    const refusal = new UniformRefusal({
      clock,
      sessions: { get: () => session },
      limits: DEFAULT_LIMITS,
      audit: { write: () => ok(undefined) },
      randomBytes: (size) => new Uint8Array(size),
      logger: silentLogger,
      redact: String,
      refuse: () => toldAt.push(clock.nowMs()),
    });
    const asked = { what: 'entry', meeting: asId<MeetingId>('m'), re: 1, atMs: clock.nowMs() } as const;
    clock.advance(tookMs);
    refusal.turnAway(session, asked, 'entry.revoked');
    assert.deepEqual(toldAt, [], 'not at once');
    clock.advance(3 * PERIOD_MS);
    assert.deepEqual(toldAt, [toldAtMs]);
  });
