import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { utf8 } from '../../../../src/base/bytes.ts';
import { asId, type ParticipantId } from '../../../../src/base/ids.ts';
import { Blobs } from '../../../../src/client/group/blobs.ts';
import { EpochDriver } from '../../../../src/client/group/epoch-driver.ts';
import { BLOB_DEADLINE_MS, BLOB_TRIES } from '../../../../src/client/group/limits.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { SealingLog, WatchedKeys } from '../../../support/group-keys.ts';
import { sha256 } from '../../../support/group-world.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a blob', () => {
  it('is asked for again when nothing comes, and given up after a few times', async () => {
    const clock = new FakeClock();
    let asked = 0;
    const get = () => {
      asked += 1;
      return new Promise<Uint8Array>(() => {});
    };
    const blobs = new Blobs({ say: () => {}, put: async () => '', get }, clock, sha256);
    const got = blobs.get({ hash: 'a'.repeat(43), bytes: 1 }, 10);
    for (let i = 0; i < 2 * BLOB_TRIES; i++) {
      clock.advance(BLOB_DEADLINE_MS);
      await settled();
    }
    const result = await got;
    assert.equal(result.ok ? '' : result.refusal.code, 'group.blob-missing');
    assert.equal(asked, BLOB_TRIES);
    assert.equal(clock.pendingTimers, 0);
  });

  it('is not asked for when it is larger than what is read', async () => {
    const get = () => assert.fail('asked for');
    const blobs = new Blobs({ say: () => {}, put: async () => '', get }, new FakeClock(), sha256);
    const result = await blobs.get({ hash: 'a'.repeat(43), bytes: 11 }, 10);
    assert.equal(result.ok ? '' : result.refusal.code, 'group.blob-too-large');
  });
});

describe('a base key', () => {
  it('is wiped as soon as it was handed on, also where that failed', () => {
    const keys = new WatchedKeys(asId<ParticipantId>('alice'), new SealingLog());
    const onFault = (error: unknown) => assert.fail(String(error));
    const driver = new EpochDriver({ keys, clock: new FakeClock(), sayReady: () => {}, onFault });
    const [one, two] = [utf8('key of epoch one'), utf8('key of epoch two')];
    const epoch = { ownLeaf: 0, others: new Map(), isRemoval: false };
    driver.adopt({ ...epoch, epoch: 1n, baseKey: one });
    assert.deepEqual([...one], new Array(one.length).fill(0));
    assert.equal(keys.sealing, 1n);
    keys.openUnder = () => {
      throw new Error('no room');
    };
    assert.throws(() => driver.adopt({ ...epoch, epoch: 2n, baseKey: two }), /no room/);
    assert.deepEqual([...two], new Array(two.length).fill(0));
  });
});
