import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PendingConnections } from '../../../../src/signaling/http/pending.ts';

const setUp = (max: number) => {
  const pending = new PendingConnections(max);
  const ended: string[] = [];
  const open = (...keys: string[]) => {
    for (const key of keys)
      pending.opened(key, key[0] === 'a' ? '10.0.0.1' : `10.0.1.${key[0]}`, () => ended.push(key));
  };
  return { pending, ended, open };
};

describe('connections that are no websocket', () => {
  it('are at most half of all from one address: its own go, the longest quiet first', () => {
    const { pending, ended, open } = setUp(8);
    open('a1', 'a2', 'a3', 'a4');
    assert.deepEqual(ended, []);
    pending.asked('a1');
    pending.answered('a1');
    open('a5', 'a6');
    assert.deepEqual([ended, pending.count], [['a2', 'a3'], 4]);
  });

  it('are bounded in all, and who has the most gives way', () => {
    const { pending, ended, open } = setUp(6);
    open('a1', 'a2', '1', '2', '3', '4');
    assert.deepEqual(ended, []);
    open('5');
    assert.deepEqual([ended, pending.count], [['a1'], 6]);
  });

  it('stay while they are at a request; where all are, who comes goes', () => {
    const { pending, ended, open } = setUp(4);
    open('a1', 'a2', '1', '2');
    for (const key of ['a1', 'a2', '1', '2']) pending.asked(key);
    open('3');
    assert.deepEqual(ended, ['3']);
    pending.answered('2');
    open('4');
    assert.deepEqual(ended, ['3', '2'], 'of another address where the fullest has none that is quiet');
  });

  it('count no longer once they are gone, and know nothing of what never came', () => {
    const { pending, ended, open } = setUp(2);
    open('1', '2');
    pending.gone('1');
    for (const key of ['1', 'never']) {
      pending.asked(key);
      pending.answered(key);
    }
    open('3');
    assert.deepEqual([ended, pending.count], [[], 2]);
  });

  it('are of one network where their addresses are of one (IPv6)', () => {
    const ended: number[] = [];
    const pending = new PendingConnections(4);
    for (const i of [1, 2, 3]) pending.opened(`${i}`, `2001:db8::${i}`, () => ended.push(i));
    assert.deepEqual(ended, [1]);
  });
});
