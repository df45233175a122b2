import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import type { Engine } from '../../src/sfu/engine/port.ts';
import { SpawnWatch, startEngine } from './engine-support.ts';

const TIMEOUT = { timeout: 30_000 };
const DSCP = /(?:^|\0)BELFRY_MEDIA_DSCP=(\d+)\0/;

describe('the DSCP of media', TIMEOUT, () => {
  const engines: Engine[] = [];
  after(async () => {
    for (const engine of engines) await engine.close();
  });

  /** What the worker is told; that it obeys is seen on the wire (networks.test.ts). */
  const dscpOf = async (options: Parameters<typeof startEngine>[0]): Promise<string | undefined> => {
    const watch = new SpawnWatch();
    try {
      engines.push(await startEngine(options));
      return DSCP.exec(readFileSync(`/proc/${watch.last.pid}/environ`, 'latin1'))?.[1];
    } finally {
      watch.end();
    }
  };

  it('is AF41 unless said', async () => {
    assert.equal(await dscpOf({}), '34');
  });

  it('is what was asked for, none included, and stays out of this process', async () => {
    assert.equal(await dscpOf({ dscp: 46 }), '46');
    assert.equal(await dscpOf({ dscp: 0 }), '0');
    assert.equal(process.env.BELFRY_MEDIA_DSCP, undefined);
  });
});
