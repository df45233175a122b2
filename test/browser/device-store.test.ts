import { describeDeviceStore } from '../contract/device-store.ts';
import type { DeviceStoreDriver } from '../support/device-store-driver.ts';
import { hasChromium, NO_CHROMIUM } from './chromium.ts';
import { type DeviceSite, openDeviceSite } from './device-site.ts';
import './device/api.ts';

/** Each call in a page that was loaded anew: what it finds was on disk. */
const remoteDriver = ({ page }: DeviceSite): DeviceStoreDriver => {
  const reload = async (): Promise<void> => {
    await page.reload();
    await page.waitForFunction(() => window.device !== undefined);
  };
  return {
    async keep(certificate) {
      await reload();
      return page.evaluate((given) => window.device.store.keep(given), certificate);
    },
    async renew(certificate) {
      await reload();
      await page.evaluate((given) => window.device.store.renew(given), certificate);
    },
    async load() {
      await reload();
      return page.evaluate(() => window.device.store.load());
    },
    async seeLists(numbers) {
      await reload();
      await page.evaluate((given) => window.device.store.seeLists(given), numbers);
    },
    async keepCheckpoints(records, count) {
      await reload();
      await page.evaluate(([given, n]) => window.device.store.keepCheckpoints(given, n), [
        records,
        count,
      ] as const);
    },
    async newestCount(of) {
      await reload();
      return page.evaluate((given) => window.device.store.newestCount(given), of);
    },
    async keepOther() {
      await reload();
      return page.evaluate(() => window.device.store.keepOther());
    },
  };
};

describeDeviceStore(
  'IndexedDB in Chromium',
  async () => {
    const site = await openDeviceSite();
    return { driver: remoteDriver(site), otherKey: 'device.key-loose', end: () => site.close() };
  },
  { skip: !hasChromium() && NO_CHROMIUM },
);
