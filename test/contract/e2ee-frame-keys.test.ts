import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Bytes } from '../../src/base/bytes.ts';
import type { Source } from '../../src/base/media.ts';
import type { ExpectedStream, FrameKeys } from '../../src/e2ee/frame-keys.ts';
import { createFrameKeys, type FrameKeysOptions } from '../../src/e2ee/keys/store.ts';
import { nobleDriver } from '../../src/e2ee/sframe/noble.ts';
import { nodeDriver } from '../../src/e2ee/sframe/node.ts';
import type { FrameCodec } from '../../src/framing/clear.ts';
import { joinKid, splitKid } from '../../src/framing/kid.ts';
import { encodeHeader } from '../../src/framing/sframe-header.ts';

const NUMBER = 77;
const keyOf = (fill: number): Bytes => new Uint8Array(32).fill(fill);
const AUDIO: ExpectedStream = { number: NUMBER, source: 'microphone', codec: 'opus' };
const VIDEO: ExpectedStream = { number: NUMBER, source: 'camera', codec: 'vp8' };
const frame = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
const keyFrame = Uint8Array.of(0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);

const must = <T>(result: { ok: true; value: T } | { ok: false; refusal: { code: string } }): T =>
  result.ok ? result.value : assert.fail(result.refusal.code);
const codeOf = (result: { ok: true } | { ok: false; refusal: { code: string } }): string =>
  result.ok ? 'ok' : result.refusal.code;

/** The port of e2ee/frame-keys, over every driver and both kinds of suite. */
const STORES: readonly (readonly [string, FrameKeysOptions])[] = [
  ['node', { driver: nodeDriver }],
  ['noble', { driver: nobleDriver }],
  ['node with suite 1', { driver: nodeDriver, suite: 1 }],
];

const sealer = (keys: FrameKeys, source: Source = 'microphone', codec: FrameCodec = 'opus') => {
  const context = must(keys.newSealingContext(source, codec));
  return (bytes: Bytes) => must(context.seal(bytes, false));
};

for (const [store, options] of STORES) {
  describe(`frame keys, ${store}`, () =>
    frameKeysContract((framesPerKey) =>
      createFrameKeys({ ...options, ...(framesPerKey === undefined ? {} : { framesPerKey }) }),
    ));
}

function frameKeysContract(create: (framesPerKey?: number) => FrameKeys): void {
  const pair = () => {
    const sender = create();
    const receiver = create();
    must(sender.useOwnKey(NUMBER, keyOf(1)));
    must(receiver.addSender(NUMBER, keyOf(1)));
    return { sender, receiver };
  };

  describe('a frame', () => {
    test('opens to what was sealed, and says which it is', () => {
      const { sender, receiver } = pair();
      const seal = sealer(sender);
      seal(frame);
      const { wire, kid, ctr } = seal(frame);
      assert.deepEqual(receiver.open(wire, AUDIO), { ok: true, value: { frame, kid, ctr } });
      assert.deepEqual(splitKid(kid), { context: 0, number: NUMBER });
      assert.equal(ctr, 1n);
    });

    test('of VP8 keeps its clear bytes in front, and they are authenticated', () => {
      const { sender, receiver } = pair();
      const seal = sealer(sender, 'camera', 'vp8');
      for (const [original, clear] of [
        [keyFrame, 10],
        [frame, 1],
      ] as const) {
        const { wire } = seal(original);
        assert.deepEqual(wire.slice(0, clear), original.slice(0, clear));
        for (let i = 0; i < clear; i++) {
          const changed = wire.slice();
          changed[i] = (changed[i] ?? 0) ^ 0b10;
          assert.equal(codeOf(receiver.open(changed, VIDEO)), 'frame.not-authentic', `byte ${i}`);
        }
        assert.deepEqual(must(receiver.open(wire, VIDEO)).frame, original);
      }
    });

    test('of no codec is refused before it costs a counter', () => {
      const { sender } = pair();
      const context = must(sender.newSealingContext('camera', 'vp8'));
      assert.equal(codeOf(context.seal(new Uint8Array(0), false)), 'frame.malformed');
      assert.equal(codeOf(context.seal(keyFrame.subarray(0, 9), true)), 'frame.malformed');
      assert.equal(must(context.seal(frame, false)).ctr, 0n);
    });

    test('that is empty, or clear bytes alone, is sealed and opened like others', () => {
      const { sender, receiver } = pair();
      const nothing = new Uint8Array(0);
      assert.deepEqual(must(receiver.open(sealer(sender)(nothing).wire, AUDIO)).frame, nothing);
      const seal = sealer(sender, 'camera', 'vp8');
      for (const short of [frame.slice(0, 1), keyFrame.slice(0, 10)]) {
        assert.deepEqual(must(receiver.open(seal(short).wire, VIDEO)).frame, short);
      }
    });

    test('under a caller flag that lies about key frames still opens', () => {
      const { sender, receiver } = pair();
      const context = must(sender.newSealingContext('camera', 'vp8'));
      assert.deepEqual(must(receiver.open(must(context.seal(keyFrame, false)).wire, VIDEO)).frame, keyFrame);
      assert.deepEqual(must(receiver.open(must(context.seal(frame, true)).wire, VIDEO)).frame, frame);
    });
  });

  describe('opening refuses', () => {
    test('what is no sealed frame', () => {
      const { receiver } = pair();
      assert.equal(codeOf(receiver.open(new Uint8Array(0), AUDIO)), 'frame.malformed');
      assert.equal(codeOf(receiver.open(new Uint8Array(5), VIDEO)), 'frame.malformed');
      assert.equal(codeOf(receiver.open(Uint8Array.of(0x08, 0, 1, 2), AUDIO)), 'frame.malformed');
    });

    test('a frame of another sender than the stream has, though its key is known', () => {
      const { sender, receiver } = pair();
      must(receiver.addSender(78, keyOf(2)));
      const { wire } = sealer(sender)(frame);
      assert.equal(codeOf(receiver.open(wire, { ...AUDIO, number: 78 })), 'frame.sender-mismatch');
      assert.equal(codeOf(receiver.open(wire, AUDIO)), 'ok');
    });

    test('a frame of a sender without a key, or with another one', () => {
      const { sender, receiver } = pair();
      const { wire } = sealer(sender)(frame);
      receiver.removeSender(NUMBER);
      assert.equal(codeOf(receiver.open(wire, AUDIO)), 'frame.unknown-key');
      must(receiver.addSender(NUMBER, keyOf(9)));
      assert.equal(codeOf(receiver.open(wire, AUDIO)), 'frame.not-authentic');
    });

    test('a frame under another source', () => {
      const { sender, receiver } = pair();
      const { wire } = sealer(sender, 'camera', 'vp8')(frame);
      assert.equal(codeOf(receiver.open(wire, { ...VIDEO, source: 'screen' })), 'frame.not-authentic');
      assert.equal(codeOf(receiver.open(wire, VIDEO)), 'ok');
    });

    test('a frame that came before, also after its sender was removed and added again', () => {
      const { sender, receiver } = pair();
      const { wire } = sealer(sender)(frame);
      must(receiver.open(wire, AUDIO));
      assert.equal(codeOf(receiver.open(wire, AUDIO)), 'frame.replayed');
      receiver.removeSender(NUMBER);
      must(receiver.addSender(NUMBER, keyOf(1)));
      assert.equal(codeOf(receiver.open(wire, AUDIO)), 'frame.replayed');
      must(receiver.addSender(NUMBER, keyOf(2)));
      must(receiver.addSender(NUMBER, keyOf(1)));
      assert.equal(codeOf(receiver.open(wire, AUDIO)), 'frame.replayed');
    });

    test('a frame of a context that 64 others pushed out', () => {
      const { sender, receiver } = pair();
      const seal = sealer(sender);
      const [first, second] = [seal(frame), seal(frame)];
      must(receiver.open(first.wire, AUDIO));
      for (let i = 0; i < 64; i++) must(receiver.open(sealer(sender)(frame).wire, AUDIO));
      assert.equal(codeOf(receiver.open(first.wire, AUDIO)), 'frame.replayed');
      assert.equal(codeOf(receiver.open(second.wire, AUDIO)), 'frame.replayed');
    });
  });

  describe('a refused frame changes nothing', () => {
    test('a forged counter far ahead does not move the replay window', () => {
      const { sender, receiver } = pair();
      const seal = sealer(sender);
      const forged = new Uint8Array([
        ...encodeHeader(joinKid({ context: 0, number: NUMBER }), 2n ** 60n),
        ...new Uint8Array(40),
      ]);
      const frames = [seal(frame), seal(frame)];
      must(receiver.open(frames[1]?.wire ?? forged, AUDIO));
      assert.equal(codeOf(receiver.open(forged, AUDIO)), 'frame.not-authentic');
      assert.equal(codeOf(receiver.open(frames[0]?.wire ?? forged, AUDIO)), 'ok');
    });

    test('a damaged frame does not use up its counter', () => {
      const { sender, receiver } = pair();
      const { wire } = sealer(sender)(frame);
      const damaged = wire.slice();
      damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
      assert.equal(codeOf(receiver.open(damaged, AUDIO)), 'frame.not-authentic');
      assert.equal(codeOf(receiver.open(wire, AUDIO)), 'ok');
    });

    test('forged contexts push no true one out', () => {
      const { sender, receiver } = pair();
      const seal = sealer(sender);
      must(receiver.open(seal(frame).wire, AUDIO));
      for (let context = 1; context <= 100; context++) {
        const header = encodeHeader(joinKid({ context, number: NUMBER }), 0n);
        receiver.open(new Uint8Array([...header, ...new Uint8Array(20)]), AUDIO);
      }
      assert.equal(codeOf(receiver.open(seal(frame).wire, AUDIO)), 'ok');
    });
  });

  describe('own keys', () => {
    test('are needed to seal', () => {
      const context = must(create().newSealingContext('camera', 'vp8'));
      assert.equal(codeOf(context.seal(frame, false)), 'frame.no-key');
    });

    test('never come back, under whichever number', () => {
      const { sender } = pair();
      assert.equal(codeOf(sender.useOwnKey(NUMBER, keyOf(1))), 'keys.used-before');
      must(sender.useOwnKey(NUMBER, keyOf(2)));
      assert.equal(codeOf(sender.useOwnKey(78, keyOf(1))), 'keys.used-before');
    });

    test('are copied: changing the bytes afterwards changes nothing', () => {
      const [own, theirs] = [keyOf(3), keyOf(3)];
      const sender = create();
      const receiver = create();
      must(sender.useOwnKey(NUMBER, own));
      must(receiver.addSender(NUMBER, theirs));
      own.fill(0);
      theirs.fill(9);
      assert.equal(codeOf(receiver.open(sealer(sender)(frame).wire, AUDIO)), 'ok');
    });

    test('seal a limited number of frames each', () => {
      const sender = create(2);
      must(sender.useOwnKey(NUMBER, keyOf(1)));
      const context = must(sender.newSealingContext('microphone', 'opus'));
      must(context.seal(frame, false));
      must(context.seal(frame, false));
      assert.equal(codeOf(context.seal(frame, false)), 'frame.exhausted');
      assert.equal(codeOf(context.seal(frame, false)), 'frame.exhausted');
      must(sender.useOwnKey(NUMBER, keyOf(2)));
      assert.equal(must(context.seal(frame, false)).ctr, 0n);
    });

    test('of impossible number or length are a bug, and thrown', () => {
      const { sender, receiver } = pair();
      assert.throws(() => sender.useOwnKey(2 ** 20, keyOf(4)), { code: 'bug.base-key' });
      assert.throws(() => receiver.addSender(-1, keyOf(4)), { code: 'bug.base-key' });
      assert.throws(() => receiver.addSender(1, new Uint8Array(15)), { code: 'bug.base-key' });
    });
  });

  describe('no (key, nonce) comes twice', () => {
    test('through new producers, layers and own keys, in any mixture', () => {
      const sender = create();
      const receivers = new Map<number, FrameKeys>();
      const seen = new Set<string>();
      const contexts = new Set<bigint>();
      const streams: ReturnType<typeof sealer>[] = [];
      for (let epoch = 1; epoch <= 4; epoch++) {
        must(sender.useOwnKey(NUMBER, keyOf(epoch)));
        const receiver = create();
        must(receiver.addSender(NUMBER, keyOf(epoch)));
        receivers.set(epoch, receiver);
        streams.push(sealer(sender), sealer(sender));
        for (const seal of [...streams, ...streams]) {
          const { wire, kid, ctr } = seal(frame);
          assert.ok(!seen.has(`${epoch} ${kid} ${ctr}`));
          seen.add(`${epoch} ${kid} ${ctr}`);
          contexts.add(kid);
          assert.equal(codeOf(receiver.open(wire, AUDIO)), 'ok');
        }
      }
      assert.equal(contexts.size, streams.length);
    });
  });

  test('senders at once have a limit, and who is beyond it changes nothing', () => {
    const receiver = create();
    for (let number = 0; number < 4096; number++) must(receiver.addSender(number, keyOf(1)));
    assert.equal(codeOf(receiver.addSender(5000, keyOf(1))), 'keys.too-many-senders');
    assert.equal(codeOf(receiver.addSender(7, keyOf(2))), 'ok');
    receiver.removeSender(7);
    assert.equal(codeOf(receiver.addSender(5000, keyOf(1))), 'ok');
  });
}
