import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { utf8 } from '../../../../src/base/bytes.ts';
import { RequestLog } from '../../../../src/signaling/session/request-log.ts';

const LIMITS = { maxPendingRequests: 3, maxKeptReplies: 2, maxKeptReplyBytes: 10 };
const REPLY = utf8('r');

describe('request log', () => {
  it('follows a request from new over pending to answered', () => {
    const log = new RequestLog(LIMITS);
    assert.deepEqual(log.admit(1), { kind: 'new' });
    assert.deepEqual(log.admit(1), { kind: 'pending' });
    log.settle(1, REPLY);
    assert.deepEqual(log.admit(1), { kind: 'answered', reply: REPLY });
  });

  it('takes ids that rise with gaps, and no others', () => {
    const log = new RequestLog(LIMITS);
    assert.equal(log.admit(5).kind, 'new');
    assert.equal(log.admit(4).kind, 'stale');
    assert.equal(log.admit(9).kind, 'new');
  });

  it('uses up no id while it is full', () => {
    const log = new RequestLog(LIMITS);
    for (const id of [1, 2, 3]) log.admit(id);
    assert.equal(log.admit(4).kind, 'full');
    log.settle(2, REPLY);
    assert.equal(log.admit(4).kind, 'new');
  });

  it('forgets the oldest replies beyond its number and its bytes', () => {
    const log = new RequestLog(LIMITS);
    for (const id of [1, 2, 3]) {
      log.admit(id);
      log.settle(id, REPLY);
    }
    assert.deepEqual(
      [1, 2, 3].map((id) => log.admit(id).kind),
      ['stale', 'answered', 'answered'],
    );
    log.admit(4);
    log.settle(4, new Uint8Array(10));
    assert.deepEqual(
      [3, 4].map((id) => log.admit(id).kind),
      ['stale', 'answered'],
    );
  });

  it('keeps the first answer only', () => {
    const log = new RequestLog(LIMITS);
    log.admit(1);
    log.settle(1, REPLY);
    log.settle(1, utf8('other'));
    log.settle(2, utf8('never asked'));
    assert.deepEqual(log.admit(1), { kind: 'answered', reply: REPLY });
    assert.equal(log.admit(2).kind, 'new');
  });

  it('never lets a request be executed twice', () => {
    const moves = fc.array(fc.tuple(fc.constantFrom('admit', 'settle'), fc.integer({ min: 1, max: 12 })));
    fc.assert(
      fc.property(moves, (all) => {
        const log = new RequestLog(LIMITS);
        const executed: number[] = [];
        for (const [move, id] of all) {
          if (move === 'settle') log.settle(id, REPLY);
          else if (log.admit(id).kind === 'new') executed.push(id);
        }
        assert.equal(new Set(executed).size, executed.length);
      }),
    );
  });
});
