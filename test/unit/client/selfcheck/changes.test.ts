import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { utf8 } from '../../../../src/base/bytes.ts';
import { asId, type ParticipantId } from '../../../../src/base/ids.ts';
import { changeLines, changeReasons } from '../../../../src/client/selfcheck/changes.ts';
import { Hoard } from '../../../../src/client/selfcheck/hoard.ts';
import type { Changes } from '../../../../src/client/selfcheck/report.ts';
import { createFrameKeys } from '../../../../src/e2ee/keys/store.ts';
import { nodeDriver } from '../../../../src/e2ee/sframe/node.ts';
import { granted } from '../../../support/people.ts';

const joined = { name: 'Dora', afterMs: 170, epoch: 4 };
const after = (removed: Partial<Changes['removed']>): Changes => ({
  joined,
  removed: { name: 'Cloe', framesTried: 100, framesOpened: 9, lastOpenedMs: 80, framesAfter: 91, ...removed },
});

describe('a change of keys', () => {
  it('passes where the removed one could open little, and nothing later', () => {
    assert.deepEqual(changeReasons(after({})), []);
    assert.match(
      changeLines(after({})).join('\n'),
      /170 ms[\s\S]*80 ms after the order[\s\S]*91 frames after that/,
    );
    assert.deepEqual(
      changeReasons(after({ framesOpened: 0, lastOpenedMs: undefined, framesAfter: 100 })),
      [],
    );
  });

  it('fails where the removed one could open all that was sent, or for long', () => {
    assert.equal(changeReasons(after({ framesAfter: 0 })).length, 1);
    assert.match(changeReasons(after({ lastOpenedMs: 2_500 })).join(), /2500 ms after the order/);
  });
});

describe('a hoard of keys', () => {
  const makeKeys = () => createFrameKeys({ driver: nodeDriver });
  const anna = asId<ParticipantId>('anna');
  const leaves = new Map([[0, anna]]);
  const stream = { participant: anna, source: 'microphone', codec: 'opus' } as const;
  const keyOf = (epoch: bigint) => utf8(`the base key of epoch ${epoch}`.padEnd(32, '.'));

  it('opens what was sealed under any epoch that it was given, and no other', () => {
    const hoard = new Hoard(makeKeys);
    for (const epoch of [3n, 4n]) hoard.keep(epoch, keyOf(epoch), leaves);
    const opens = [3n, 4n, 5n].map((epoch) => {
      const sender = makeKeys();
      sender.openUnder(epoch, keyOf(epoch), new Map());
      sender.sealUnder(epoch, 0);
      const context = granted(sender.newSealingContext('microphone', 'opus'));
      return hoard.opens(granted(context.seal(utf8('a frame'), true)).wire, stream);
    });
    assert.deepEqual(opens, [true, true, false]);
  });
});
