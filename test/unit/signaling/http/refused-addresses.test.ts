import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RefusedAddresses } from '../../../../src/signaling/http/refused-addresses.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const RATE = { burst: 3, perSecond: 0.05 };
const PERIOD_MS = 60_000;

describe('addresses from which too many were turned away', () => {
  const refusedTimes = async (count: number, address: string, clock = new FakeClock()) => {
    const addresses = new RefusedAddresses(RATE, clock);
    for (let i = 0; i < count; i++) await addresses.count(address);
    return { addresses, clock };
  };

  it('are barred after more than a few, and nobody else is', async () => {
    const { addresses } = await refusedTimes(3, '10.0.0.1');
    assert.equal(addresses.isBarred('10.0.0.1'), false);
    await addresses.count('10.0.0.1');
    assert.deepEqual(
      ['10.0.0.1', '::ffff:10.0.0.1', '10.0.0.2'].map((one) => addresses.isBarred(one)),
      [true, true, false],
    );
  });

  it('are one network where they are of IPv6', async () => {
    const { addresses } = await refusedTimes(4, 'fd00:0:0:1::5');
    assert.deepEqual(
      [addresses.isBarred('fd00::1:9:9:9:9'), addresses.isBarred('fd00:0:0:2::5')],
      [true, false],
    );
  });

  it('are let in again after a while', async () => {
    const { addresses, clock } = await refusedTimes(4, '10.0.0.1');
    clock.advance(PERIOD_MS - 1);
    assert.equal(addresses.isBarred('10.0.0.1'), true);
    clock.advance(1);
    assert.equal(addresses.isBarred('10.0.0.1'), false);
  });
});
