import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { MAX_RECORDS } from '../../src/client/people/device-store.ts';
import { type DeviceStoreDriver, digestOf } from '../support/device-store-driver.ts';

export interface DeviceStoreRig {
  readonly driver: DeviceStoreDriver;
  /** The code with which a key of the wrong sort is refused. */
  readonly otherKey: string;
  end(): Promise<void>;
}

/** Every place for a device's identity: in this order, because what is kept stays. */
export const describeDeviceStore = (
  name: string,
  start: () => Promise<DeviceStoreRig>,
  options = {},
): void => {
  describe(`a place for a device's identity: ${name}`, options, () => {
    let rig: DeviceStoreRig;
    before(async () => {
      rig = await start();
    });
    after(() => rig?.end());

    it('holds nothing at first', async () => {
      assert.equal(await rig.driver.load(), null);
    });

    it('brings back what was kept, with a key that signs', async () => {
      const publicKey = await rig.driver.keep('first');
      const kept = await rig.driver.load();
      assert.deepEqual([kept?.certificate, kept?.root, kept?.publicKey], ['first', 'the root', publicKey]);
      assert.deepEqual(
        [kept?.scale.levels[0]?.marking, kept?.clearance?.statement.kind, kept?.devices?.devices.length],
        ['LOW', 'clearance', 1],
      );
      assert.deepEqual(kept?.unseen, ['ada-1']);
      assert.equal(kept?.isWholePair, true);
      assert.equal(kept?.seen, undefined);
    });

    it('remembers the newest list, in whatever order lists are seen', async () => {
      await rig.driver.seeLists([3]);
      await rig.driver.seeLists([2]);
      assert.deepEqual((await rig.driver.load())?.seen, { number: 3, digest: digestOf(3) });
      await rig.driver.seeLists([5, 9, 7]);
      assert.equal((await rig.driver.load())?.seen?.number, 9);
    });

    it('keeps the newest checkpoint of each record, and forgets the oldest of too many', async () => {
      const record = (i: number) => `record-${i}-`.padEnd(22, 'r');
      await rig.driver.keepCheckpoints([record(0), record(1)], 5);
      await rig.driver.keepCheckpoints([record(1)], 9);
      assert.equal(await rig.driver.newestCount(record(0)), 5);
      assert.equal(await rig.driver.newestCount(record(1)), 9);
      assert.equal(await rig.driver.newestCount(record(2)), undefined);
      await rig.driver.keepCheckpoints(
        Array.from({ length: MAX_RECORDS }, (_, i) => record(i + 1)),
        10,
      );
      assert.equal(await rig.driver.newestCount(record(0)), undefined);
      assert.equal(await rig.driver.newestCount(record(MAX_RECORDS)), 10);
    });

    it('keeps the key and the list that was seen when the certificate is renewed', async () => {
      const before = await rig.driver.load();
      await rig.driver.renew('second');
      const renewed = await rig.driver.load();
      assert.deepEqual([renewed?.certificate, renewed?.publicKey], ['second', before?.publicKey]);
      assert.equal(renewed?.seen?.number, 9);
    });

    it('takes no key of the sort that is not its own', async () => {
      assert.equal(await rig.driver.keepOther(), rig.otherKey);
      assert.equal((await rig.driver.load())?.certificate, 'second');
    });
  });
};
