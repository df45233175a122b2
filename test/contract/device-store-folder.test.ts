import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { deviceFolder } from '../../src/client/node/device-store.ts';
import { deviceStoreDriver } from '../support/device-store-driver.ts';
import { randomBytes } from '../support/people.ts';
import { describeDeviceStore } from './device-store.ts';

const newFolder = (): { folder: string; end(): Promise<void> } => {
  const parent = mkdtempSync(join(tmpdir(), 'belfry-device-'));
  return {
    folder: join(parent, 'device'),
    end: async () => rmSync(parent, { recursive: true, force: true }),
  };
};

describeDeviceStore('a folder', async () => {
  const { folder, end } = newFolder();
  const driver = deviceStoreDriver(() => deviceFolder(folder, randomBytes), true);
  return { driver, otherKey: 'device.key-bound', end };
});

describe('a folder with a device', () => {
  const { folder, end } = newFolder();
  after(end);
  const driver = deviceStoreDriver(() => deviceFolder(folder, randomBytes), true);

  it('is for its owner alone, and refused where it is not', async () => {
    await driver.keep('first');
    await driver.seeLists([1]);
    const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777);
    assert.deepEqual([statSync(folder).mode & 0o777, ...modes], [0o700, 0o600, 0o600]);
    chmodSync(join(folder, 'device.json'), 0o644);
    await assert.rejects(driver.load(), { code: 'device.permissions' });
    chmodSync(join(folder, 'device.json'), 0o600);
  });

  it('is not taken for empty where it is damaged', async () => {
    writeFileSync(join(folder, 'seen-list.json'), '{"number": 1}', { mode: 0o600 });
    await assert.rejects(driver.load(), { code: 'device.damaged' });
    await assert.rejects(driver.seeLists([4]), { code: 'device.damaged' });
    writeFileSync(join(folder, 'device.json'), '', { mode: 0o600 });
    await assert.rejects(driver.load(), { code: 'device.damaged' });
  });
});
