import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createAsyncFrameKeys } from '../../../../src/e2ee/keys/store-async.ts';
import { nobleDriver } from '../../../../src/e2ee/sframe/noble.ts';
import { webDriver } from '../../../../src/e2ee/sframe/web.ts';
import { TransformDesk } from '../../../../src/e2ee/transform/desk.ts';
import type { ToPage } from '../../../../src/e2ee/transform/messages.ts';
import type { EncodedFrame } from '../../../../src/e2ee/transform/stream.ts';
import { splitKid } from '../../../../src/framing/kid.ts';
import { parseHeader } from '../../../../src/framing/sframe-header.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const NUMBER = 77;
const baseKey = new Uint8Array(32).fill(7);
const DELTA = Uint8Array.of(1, 2, 3, 4, 5, 6);
const KEY = Uint8Array.of(0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);

const frameOf = (bytes: Uint8Array, ssrc = 1, type = 'delta'): EncodedFrame => ({
  data: new Uint8Array(bytes).buffer,
  type,
  getMetadata: () => ({ synchronizationSource: ssrc }),
});
const bytesOf = ({ data }: EncodedFrame) => new Uint8Array(data);

const camera = (id: number) => ({ id, direction: 'send', source: 'camera', codec: 'vp8' });
const theirs = (id: number) => ({ ...camera(id), direction: 'receive', number: NUMBER });

const newDesk = () => {
  const posted: ToPage[] = [];
  const clock = new FakeClock();
  const keys = createAsyncFrameKeys({ driver: webDriver(crypto.subtle), hmac: nobleDriver });
  const desk = new TransformDesk({ keys, clock, post: (message) => posted.push(message) });
  const asked = { times: 0 };
  const attach = (options: unknown) =>
    desk.attach(options, () => {
      asked.times += 1;
    }).transform;
  return { desk, posted, clock, attach, asked };
};
type Desk = ReturnType<typeof newDesk>;

const withOwnKey = (): Desk => {
  const made = newDesk();
  made.desk.onMessage({ kind: 'own-key', number: NUMBER, baseKey });
  return made;
};
const kidOf = (frame: EncodedFrame): bigint => {
  const header = parseHeader(bytesOf(frame), 1);
  assert.ok(header.ok);
  return header.value.kid;
};
const countsOf = ({ desk, posted }: Desk) => {
  desk.onMessage({ kind: 'count', request: 9 });
  const last = posted.at(-1);
  assert.ok(last?.kind === 'counts' && last.request === 9);
  return last.streams;
};

describe('sealing', () => {
  test('gives each SSRC a context of its own, and frames of one SSRC one', async () => {
    const { attach } = withOwnKey();
    const transform = attach(camera(1));
    const contexts = [];
    for (const ssrc of [10, 20, 10, 30, 10]) {
      const frame = frameOf(DELTA, ssrc);
      assert.equal(await transform(frame), true);
      contexts.push(splitKid(kidOf(frame)).context);
    }
    assert.deepEqual(contexts, [0, 1, 0, 2, 0]);
  });

  test('of a second stream never takes the first one’s context, not even for the same SSRC', async () => {
    const { attach } = withOwnKey();
    const [first, second] = [frameOf(DELTA), frameOf(DELTA)];
    await attach(camera(1))(first);
    await attach(camera(2))(second);
    assert.notEqual(kidOf(first), kidOf(second));
  });

  test('drops what it cannot seal, unchanged in number and told once', async () => {
    const made = newDesk();
    const transform = made.attach(camera(1));
    for (let i = 0; i < 3; i++) {
      const frame = frameOf(DELTA);
      assert.equal(await transform(frame), false);
      assert.deepEqual(bytesOf(frame), DELTA);
    }
    const refused = { kind: 'refused', stream: 1, code: 'frame.no-key' };
    assert.deepEqual(made.posted, [refused]);
    assert.deepEqual(countsOf(made), [{ stream: 1, passed: 0, refused: 3 }]);
    made.clock.advance(1_000);
    assert.deepEqual(
      made.posted.filter(({ kind }) => kind === 'refused'),
      [refused, refused],
    );
  });

  test('refuses more SSRCs than a sender has', async () => {
    const { attach } = withOwnKey();
    const transform = attach(camera(1));
    const passed = [];
    for (let ssrc = 1; ssrc <= 12; ssrc++) passed.push(await transform(frameOf(DELTA, ssrc)));
    assert.equal(passed.filter((did) => did).length, 9);
  });
});

describe('opening', () => {
  const sealed = async (bytes: Uint8Array) => {
    const frame = frameOf(bytes);
    assert.ok(await withOwnKey().attach(camera(1))(frame));
    return bytesOf(frame);
  };

  test('asks for the picture as soon as there is the epoch that a frame came under, and opens by whose leaf it is', async () => {
    const participant = 'ada';
    const sender = newDesk();
    sender.desk.onMessage({ kind: 'open-under', epoch: 3n, baseKey: baseKey.slice(), leaves: new Map() });
    sender.desk.onMessage({ kind: 'seal-under', epoch: 3n, ownLeaf: 2 });
    const seal = sender.attach(camera(1));
    const frames = [frameOf(DELTA), frameOf(KEY, 1, 'key')];
    for (const frame of frames) assert.ok(await seal(frame));
    const { desk, attach, asked, posted } = newDesk();
    const open = attach({ ...camera(1), direction: 'receive', participant });
    const [early = frameOf(DELTA), late = early] = frames.map((frame) =>
      frameOf(bytesOf(frame), 9, frame.type),
    );
    assert.equal(await open(early), false);
    const opened = new Uint8Array(baseKey);
    desk.onMessage({ kind: 'open-under', epoch: 3n, baseKey: opened, leaves: new Map([[2, participant]]) });
    assert.equal(asked.times, 1);
    assert.deepEqual(opened, new Uint8Array(32), 'the message’s copy is wiped');
    assert.ok(await open(late));
    desk.onMessage({ kind: 'forget-epoch', epoch: 3n });
    assert.equal((await seal(frameOf(DELTA))) || (await sender.attach(camera(2))(frameOf(DELTA))), true);
    sender.desk.onMessage({ kind: 'forget-epoch', epoch: 3n });
    assert.equal(await seal(frameOf(DELTA)), false);
    assert.deepEqual(
      posted.filter(({ kind }) => kind === 'fault'),
      [],
    );
  });

  test('gives back what was sealed', async () => {
    const { desk, attach } = newDesk();
    desk.onMessage({ kind: 'add-sender', number: NUMBER, baseKey });
    const frame = frameOf(await sealed(KEY), 99, 'key');
    assert.ok(await attach(theirs(1))(frame));
    assert.deepEqual(bytesOf(frame), KEY);
  });

  test('asks for a key frame as soon as a late key comes, and again until one is opened', async () => {
    const { desk, attach, asked, clock } = newDesk();
    const sender = withOwnKey().attach(camera(1));
    const next = async (bytes: Uint8Array, type = 'delta') => {
      const frame = frameOf(bytes);
      await sender(frame);
      return frameOf(bytesOf(frame), 1, type);
    };
    const transform = attach(theirs(1));
    assert.equal(await transform(await next(DELTA)), false);
    assert.equal(asked.times, 0);
    desk.onMessage({ kind: 'add-sender', number: NUMBER + 1, baseKey });
    assert.equal(asked.times, 0, 'another one’s key is of no use');
    desk.onMessage({ kind: 'add-sender', number: NUMBER, baseKey });
    assert.equal(asked.times, 1);
    assert.ok(await transform(await next(DELTA)));
    assert.equal(asked.times, 1);
    clock.advance(300);
    assert.ok(await transform(await next(DELTA)));
    assert.equal(asked.times, 2);
    assert.ok(await transform(await next(KEY, 'key')));
    clock.advance(300);
    assert.ok(await transform(await next(DELTA)));
    assert.equal(asked.times, 2);
  });

  test('asks for none where nothing was missed', async () => {
    const { desk, attach, asked } = newDesk();
    const transform = attach(theirs(1));
    desk.onMessage({ kind: 'add-sender', number: NUMBER, baseKey });
    const sender = withOwnKey().attach(camera(1));
    const [first, second] = [frameOf(KEY), frameOf(DELTA)];
    for (const frame of [first, second]) await sender(frame);
    assert.ok(await transform(frameOf(bytesOf(first), 1, 'key')));
    assert.equal(await transform(frameOf(bytesOf(first), 1, 'key')), false, 'a copy is refused');
    assert.ok(await transform(frameOf(bytesOf(second))));
    assert.equal(asked.times, 0);
  });

  test('takes the key of the frame’s header alone: another sender’s frame is refused', async () => {
    const made = newDesk();
    made.desk.onMessage({ kind: 'add-sender', number: NUMBER, baseKey });
    made.desk.onMessage({ kind: 'add-sender', number: 78, baseKey: baseKey.map((byte) => byte + 1) });
    const transform = made.attach({ ...theirs(1), number: 78 });
    assert.equal(await transform(frameOf(await sealed(KEY))), false);
    assert.deepEqual(made.posted, [{ kind: 'refused', stream: 1, code: 'frame.sender-mismatch' }]);
  });
});

describe('the page', () => {
  test('is told of messages and options that are none, and nothing is attached', () => {
    const { desk, posted, attach } = newDesk();
    for (const data of [
      undefined,
      {},
      { kind: 'own-key', number: NUMBER, baseKey: 'text' },
      { kind: 'toString' },
    ])
      desk.onMessage(data);
    assert.deepEqual(
      posted.map((message) => message.kind === 'fault' && message.code),
      Array(4).fill('transform.message'),
    );
    for (const options of [undefined, {}, { ...camera(1), codec: 'av1' }, { ...camera(1), codec: 'opus' }])
      assert.throws(() => attach(options), { code: 'transform.options' });
    assert.throws(() => attach({ ...theirs(1), number: 2 ** 20 }), { code: 'transform.options' });
  });

  test('is told of a pipe that failed, unless it forgot the stream', () => {
    const { desk, posted, attach } = newDesk();
    attach(camera(1));
    desk.pipeFailed(1, new Error('broken'));
    desk.onMessage({ kind: 'forget-stream', stream: 1 });
    desk.pipeFailed(1, new Error('over'));
    assert.deepEqual(posted, [{ kind: 'fault', stream: 1, code: 'transform.failed', message: 'broken' }]);
  });

  test('hears counts by interval and on request', async () => {
    const made = withOwnKey();
    await made.attach(camera(3))(frameOf(DELTA));
    made.clock.advance(1_000);
    assert.deepEqual(made.posted, [
      { kind: 'counts', request: undefined, streams: [{ stream: 3, passed: 1, refused: 0 }] },
    ]);
    assert.deepEqual(countsOf(made), [{ stream: 3, passed: 1, refused: 0 }]);
  });

  test('hears of an own key that came before', () => {
    const { desk, posted } = withOwnKey();
    desk.onMessage({ kind: 'own-key', number: NUMBER, baseKey });
    assert.equal(posted[0]?.kind === 'fault' && posted[0].code, 'keys.used-before');
  });
});
