import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { remoteKeys } from '../../../../src/client/browser/key-port.ts';
import { type LinkEvent, TransformLink, type TransformWorker } from '../../../../src/client/browser/link.ts';
import { judgeSupport } from '../../../../src/client/browser/support.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { settle } from '../../../support/until.ts';

class FakeWorker implements TransformWorker {
  readonly posted: unknown[] = [];
  isTerminated = false;
  readonly #listeners = new Map<string, ((event: { readonly data: unknown }) => void)[]>();

  postMessage(message: unknown): void {
    this.posted.push(message);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  addEventListener(type: string, listener: (event: { readonly data: unknown }) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  says(type: 'message' | 'error', data?: unknown): void {
    for (const listener of this.#listeners.get(type) ?? []) listener({ data });
  }
}

const newLink = () => {
  const worker = new FakeWorker();
  const clock = new FakeClock();
  const link = new TransformLink(worker, clock, (error) => assert.fail(String(error)));
  const events: LinkEvent[] = [];
  link.onEvent((event) => events.push(event));
  return { worker, clock, link, events };
};

describe('the sealing worker as the page sees it', () => {
  test('is ready when it says so, and not before', async () => {
    const { worker, link } = newLink();
    let isReady = false;
    const ready = link.untilReady().then(() => {
      isReady = true;
    });
    await settle();
    assert.equal(isReady, false);
    worker.says('message', { kind: 'ready' });
    await ready;
  });

  test('that never starts is given up', async () => {
    const { clock, link } = newLink();
    const ready = assert.rejects(link.untilReady(), { code: 'transform.no-worker' });
    clock.advance(15_000);
    await ready;
  });

  test('that throws or talks nonsense is ended, once, and takes no more', () => {
    for (const data of [{ kind: 'nonsense' }, { kind: 'fault', code: 'transform.message', message: 'x' }]) {
      const { worker, link, events } = newLink();
      worker.says('message', data);
      worker.says('error');
      assert.deepEqual(events, [{ kind: 'worker-failed', code: 'transform.message' }]);
      assert.ok(worker.isTerminated);
      assert.throws(() => link.check(), { code: 'transform.message' });
      link.post({ kind: 'count', request: 1 });
      assert.deepEqual(worker.posted, []);
    }
  });

  test('that is silent four times in a row is ended; fewer may be a machine that slept, or a busy one', async () => {
    const { worker, clock, link, events } = newLink();
    const ask = async (answer?: number) => {
      const asked = link.count();
      if (answer !== undefined) worker.says('message', { kind: 'counts', request: answer, streams: [] });
      else clock.advance(3_000);
      return asked;
    };
    for (let i = 0; i < 3; i++) assert.equal(await ask(), undefined);
    assert.equal((await ask(4))?.size, 0);
    for (let i = 0; i < 3; i++) assert.equal(await ask(), undefined);
    assert.deepEqual(events, []);
    assert.equal(await ask(), undefined);
    assert.deepEqual(events, [{ kind: 'worker-failed', code: 'transform.worker-silent' }]);
  });

  test('tells of one stream without ending the others', () => {
    const { worker, events, link } = newLink();
    worker.says('message', { kind: 'refused', stream: 2, code: 'frame.replayed' });
    worker.says('message', { kind: 'fault', stream: 3, code: 'transform.failed', message: 'x' });
    assert.deepEqual(events, [
      { kind: 'refused', stream: 2, code: 'frame.replayed' },
      { kind: 'stream-failed', stream: 3, code: 'transform.failed' },
    ]);
    link.check();
  });
});

test('keys: what the books refuse never reaches the worker', () => {
  const { worker, link } = newLink();
  const keys = remoteKeys(link);
  const baseKey = new Uint8Array(32).fill(1);
  assert.ok(keys.useOwnKey(7, baseKey).ok);
  assert.ok(!keys.useOwnKey(8, baseKey).ok);
  assert.ok(keys.addSender(9, baseKey).ok);
  keys.removeSender(9);
  assert.throws(() => keys.addSender(-1, baseKey), { code: 'bug.base-key' });
  assert.deepEqual(worker.posted, [
    { kind: 'own-key', number: 7, baseKey },
    { kind: 'add-sender', number: 9, baseKey },
    { kind: 'remove-sender', number: 9 },
  ]);
});

test('a browser that cannot seal is refused, with what to do about it', () => {
  const all = { isSecureContext: true, hasWebRtc: true, hasTransform: true, hasWebCrypto: true };
  assert.ok(judgeSupport(all).ok);
  for (const [lacking, code] of [
    ['isSecureContext', 'browser.insecure'],
    ['hasWebRtc', 'browser.no-webrtc'],
    ['hasTransform', 'browser.no-transform'],
    ['hasWebCrypto', 'browser.no-crypto'],
  ] as const) {
    const judged = judgeSupport({ ...all, [lacking]: false });
    assert.ok(!judged.ok);
    assert.equal(judged.refusal.code, code);
    assert.ok(judged.refusal.remedy);
  }
});
