import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as settled } from 'node:timers/promises';
import fc from 'fast-check';
import { type Layered, LayerLimit } from '../../../../src/client/browser/layer-limit.ts';

/** As mediasoup-client's: a wish equal to the last change that is done is taken for done. */
class SlowProducer implements Layered {
  readonly applied: number[] = [];
  #done: number | undefined;
  #waiting: (() => void)[] = [];

  async setMaxSpatialLayer(topLayer: number): Promise<void> {
    if (topLayer === this.#done) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.applied.push(topLayer);
    this.#done = topLayer;
  }

  async finish(): Promise<void> {
    for (const resolve of this.#waiting.splice(0)) resolve();
    await settled();
  }
}

describe('the layers of a sender', () => {
  it('come back where they are needed again while they are put to rest', async () => {
    const producer = new SlowProducer();
    const limit = new LayerLimit();
    limit.bind(producer);
    for (const [index, layer] of [2, 0].entries()) {
      limit.want(layer);
      if (index === 0) await producer.finish();
    }
    limit.want(2);
    await producer.finish();
    await producer.finish();
    assert.deepEqual(producer.applied, [2, 0, 2]);
  });

  it('follow a wish that came before there was a producer', async () => {
    const producer = new SlowProducer();
    const limit = new LayerLimit();
    limit.want(1);
    limit.bind(producer);
    await producer.finish();
    assert.deepEqual(producer.applied, [1]);
  });

  it('bear a producer that was closed meanwhile', async () => {
    const limit = new LayerLimit();
    limit.bind({ setMaxSpatialLayer: () => Promise.reject(new Error('closed')) });
    limit.want(0);
    await settled();
    limit.want(1);
    await settled();
  });

  it('end at the newest wish, whatever came when', async () => {
    const moment = fc.oneof(fc.nat(2), fc.constant('finish' as const));
    await fc.assert(
      fc.asyncProperty(fc.array(moment, { maxLength: 30 }), fc.nat(2), async (moments, last) => {
        const producer = new SlowProducer();
        const limit = new LayerLimit();
        limit.bind(producer);
        for (const what of moments) what === 'finish' ? await producer.finish() : limit.want(what);
        limit.want(last);
        for (let round = 0; round < 3; round++) await producer.finish();
        assert.equal(producer.applied.at(-1), last);
      }),
    );
  });
});
