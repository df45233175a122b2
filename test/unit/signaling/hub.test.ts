import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { utf8 } from '../../../src/base/bytes.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { ok } from '../../../src/base/result.ts';
import { Hub } from '../../../src/signaling/hub.ts';
import { DEFAULT_LIMITS } from '../../../src/signaling/limits.ts';
import type { CloseCode } from '../../../src/signaling/protocol/codes.ts';
import { StatsKeeper } from '../../../src/signaling/stats.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeMediaPlane } from '../../support/fake-media-plane.ts';
import { FakeDisk, FakeStore } from '../../support/fake-store.ts';
import { Ministry } from '../../support/ministry.ts';

const people = { trust: (await Ministry.open()).trust(), store: new FakeStore(new FakeDisk()) };
const HELLO = utf8('{"id":1,"kind":"hello","version":1}');

const setUp = (randomBytes: (size: number) => Uint8Array<ArrayBuffer>) => {
  const stats = new StatsKeeper();
  const hub = new Hub({
    media: new FakeMediaPlane(),
    audit: { write: () => ok(undefined) },
    clock: new FakeClock(),
    randomBytes,
    logger: silentLogger,
    redact: (id) => id,
    people,
    limits: { ...DEFAULT_LIMITS, maxSessions: 1 },
    stats,
  });
  const connect = () => {
    const closes: CloseCode[] = [];
    const peer = hub.connect({
      send() {},
      ping() {},
      onRefused() {},
      close: (code) => closes.push(code),
      waitingBytes: 0,
    });
    return { peer, closes };
  };
  return { hub, stats, connect };
};

describe('hub', () => {
  it('closes the one connection whose message finds a bug', () => {
    const { connect, stats } = setUp(() => {
      throw new Error('no entropy');
    });
    const [hit, other] = [connect(), connect()];
    hit.peer.message(HELLO, false);
    assert.deepEqual(hit.closes, ['server.failed']);
    assert.deepEqual(other.closes, []);
    assert.equal(stats.totals().closes['server.failed'], 1);
  });

  it('takes no more sessions than it may', () => {
    const { connect, hub } = setUp((size) => new Uint8Array(size));
    const [first, second] = [connect(), connect()];
    for (const { peer } of [first, second]) peer.message(HELLO, false);
    assert.deepEqual([first.closes, second.closes], [[], ['server.full']]);
    first.peer.gone();
    assert.equal(hub.sessions.size, 0);
  });

  it('counts codes of its own tables, and others as one', () => {
    const stats = new StatsKeeper();
    for (const code of ['join.full', 'join.full', 'media.of-another-table', '__proto__']) stats.refused(code);
    assert.deepEqual(stats.totals().refusals, { 'join.full': 2, other: 2 });
  });
});
