import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Bytes, toHex } from '../../src/base/bytes.ts';
import { asId, type ParticipantId } from '../../src/base/ids.ts';
import type { Source } from '../../src/base/media.ts';
import type { Result } from '../../src/base/result.ts';
import type { ExpectedStream, KeyPort, OpenedFrame, SealedFrame } from '../../src/e2ee/frame-keys.ts';
import { createFrameKeys } from '../../src/e2ee/keys/store.ts';
import { createAsyncFrameKeys } from '../../src/e2ee/keys/store-async.ts';
import type { AsyncDriver } from '../../src/e2ee/sframe/driver.ts';
import { nobleDriver } from '../../src/e2ee/sframe/noble.ts';
import { nodeDriver } from '../../src/e2ee/sframe/node.ts';
import { webDriver } from '../../src/e2ee/sframe/web.ts';
import type { FrameCodec } from '../../src/framing/clear.ts';
import { joinKid, splitKid } from '../../src/framing/kid.ts';
import { encodeHeader } from '../../src/framing/sframe-header.ts';

const NUMBER = 77;
const keyOf = (fill: number): Bytes => new Uint8Array(32).fill(fill);
const AUDIO = { number: NUMBER, source: 'microphone', codec: 'opus' } as const satisfies ExpectedStream;
const VIDEO = { number: NUMBER, source: 'camera', codec: 'vp8' } as const satisfies ExpectedStream;
const frame = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
const keyFrame = Uint8Array.of(0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);

const must = <T>(result: { ok: true; value: T } | { ok: false; refusal: { code: string } }): T =>
  result.ok ? result.value : assert.fail(result.refusal.code);
const codeOf = (result: { ok: true } | { ok: false; refusal: { code: string } }): string =>
  result.ok ? 'ok' : result.refusal.code;

/** What answers at once may be waited for as well: one suite for both. */
type Answer<T> = T | Promise<T>;
interface Store extends KeyPort {
  newSealingContext(source: Source, codec: FrameCodec): Result<{ seal: Seal }>;
  open(wire: Bytes, expected: ExpectedStream): Answer<Result<OpenedFrame>>;
}
type Seal = (frame: Bytes, keyFrame: boolean) => Answer<Result<SealedFrame>>;
type Limits = { readonly framesPerKey?: number };

/** The ports of e2ee/frame-keys, over every driver and both kinds of suite. */
const WEB = { driver: webDriver(crypto.subtle), hmac: nobleDriver };
/** Reads what it was given only when others had their turn, as a driver may. */
const LATE: AsyncDriver = {
  ...WEB.driver,
  hkdf: async (...given) => {
    await Promise.resolve();
    return WEB.driver.hkdf(...given);
  },
};
const STORES: Readonly<Record<string, (limits: Limits) => Store>> = {
  node: (limits) => createFrameKeys({ ...limits, driver: nodeDriver }),
  noble: (limits) => createFrameKeys({ ...limits, driver: nobleDriver }),
  'node with suite 1': (limits) => createFrameKeys({ ...limits, driver: nodeDriver, suite: 1 }),
  webcrypto: (limits) => createAsyncFrameKeys({ ...limits, ...WEB }),
  'webcrypto, late': (limits) => createAsyncFrameKeys({ ...limits, ...WEB, driver: LATE }),
  'webcrypto with suite 1': (limits) => createAsyncFrameKeys({ ...limits, ...WEB, suite: 1 }),
};

const sealer = (keys: Store, source: Source = 'microphone', codec: FrameCodec = 'opus') => {
  const context = must(keys.newSealingContext(source, codec));
  return async (bytes: Bytes) => must(await context.seal(bytes, false));
};

for (const [store, create] of Object.entries(STORES)) {
  describe(`frame keys, ${store}`, () =>
    frameKeysContract((framesPerKey) => create(framesPerKey === undefined ? {} : { framesPerKey })));
}

function frameKeysContract(create: (framesPerKey?: number) => Store): void {
  const pair = () => {
    const sender = create();
    const receiver = create();
    must(sender.useOwnKey(NUMBER, keyOf(1)));
    must(receiver.addSender(NUMBER, keyOf(1)));
    return { sender, receiver };
  };

  describe('a frame', () => {
    test('opens to what was sealed, and says which it is', async () => {
      const { sender, receiver } = pair();
      const seal = sealer(sender);
      await seal(frame);
      const { wire, kid, ctr } = await seal(frame);
      assert.deepEqual(await receiver.open(wire, AUDIO), { ok: true, value: { frame, kid, ctr } });
      assert.deepEqual(splitKid(kid), { context: 0, number: NUMBER });
      assert.equal(ctr, 1n);
    });

    test('of VP8 keeps its clear bytes in front, and they are authenticated', async () => {
      const { sender, receiver } = pair();
      const seal = sealer(sender, 'camera', 'vp8');
      for (const [original, clear] of [
        [keyFrame, 10],
        [frame, 1],
      ] as const) {
        const { wire } = await seal(original);
        assert.deepEqual(wire.slice(0, clear), original.slice(0, clear));
        for (let i = 0; i < clear; i++) {
          const changed = wire.slice();
          changed[i] = (changed[i] ?? 0) ^ 0b10;
          assert.equal(codeOf(await receiver.open(changed, VIDEO)), 'frame.not-authentic', `byte ${i}`);
        }
        assert.deepEqual(must(await receiver.open(wire, VIDEO)).frame, original);
      }
    });

    test('of no codec is refused before it costs a counter', async () => {
      const { sender } = pair();
      const context = must(sender.newSealingContext('camera', 'vp8'));
      assert.equal(codeOf(await context.seal(new Uint8Array(0), false)), 'frame.malformed');
      assert.equal(codeOf(await context.seal(keyFrame.subarray(0, 9), true)), 'frame.malformed');
      assert.equal(must(await context.seal(frame, false)).ctr, 0n);
    });

    test('that is empty, or clear bytes alone, is sealed and opened like others', async () => {
      const { sender, receiver } = pair();
      const nothing = new Uint8Array(0);
      assert.deepEqual(must(await receiver.open((await sealer(sender)(nothing)).wire, AUDIO)).frame, nothing);
      const seal = sealer(sender, 'camera', 'vp8');
      for (const short of [frame.slice(0, 1), keyFrame.slice(0, 10)]) {
        assert.deepEqual(must(await receiver.open((await seal(short)).wire, VIDEO)).frame, short);
      }
    });

    test('under a caller flag that lies about key frames still opens', async () => {
      const { sender, receiver } = pair();
      const context = must(sender.newSealingContext('camera', 'vp8'));
      assert.deepEqual(
        must(await receiver.open(must(await context.seal(keyFrame, false)).wire, VIDEO)).frame,
        keyFrame,
      );
      assert.deepEqual(
        must(await receiver.open(must(await context.seal(frame, true)).wire, VIDEO)).frame,
        frame,
      );
    });
  });

  describe('opening refuses', () => {
    test('what is no sealed frame', async () => {
      const { receiver } = pair();
      assert.equal(codeOf(await receiver.open(new Uint8Array(0), AUDIO)), 'frame.malformed');
      assert.equal(codeOf(await receiver.open(new Uint8Array(5), VIDEO)), 'frame.malformed');
      assert.equal(codeOf(await receiver.open(Uint8Array.of(0x08, 0, 1, 2), AUDIO)), 'frame.malformed');
    });

    test('a frame of another sender than the stream has, though its key is known', async () => {
      const { sender, receiver } = pair();
      must(receiver.addSender(78, keyOf(2)));
      const { wire } = await sealer(sender)(frame);
      assert.equal(codeOf(await receiver.open(wire, { ...AUDIO, number: 78 })), 'frame.sender-mismatch');
      assert.equal(codeOf(await receiver.open(wire, AUDIO)), 'ok');
    });

    test('a frame of a sender without a key, or with another one', async () => {
      const { sender, receiver } = pair();
      const { wire } = await sealer(sender)(frame);
      receiver.removeSender(NUMBER);
      assert.equal(codeOf(await receiver.open(wire, AUDIO)), 'frame.unknown-key');
      must(receiver.addSender(NUMBER, keyOf(9)));
      assert.equal(codeOf(await receiver.open(wire, AUDIO)), 'frame.not-authentic');
    });

    test('a frame under another source', async () => {
      const { sender, receiver } = pair();
      const { wire } = await sealer(sender, 'camera', 'vp8')(frame);
      assert.equal(codeOf(await receiver.open(wire, { ...VIDEO, source: 'screen' })), 'frame.not-authentic');
      assert.equal(codeOf(await receiver.open(wire, VIDEO)), 'ok');
    });

    test('a frame that came before, also after its sender was removed and added again', async () => {
      const { sender, receiver } = pair();
      const { wire } = await sealer(sender)(frame);
      must(await receiver.open(wire, AUDIO));
      assert.equal(codeOf(await receiver.open(wire, AUDIO)), 'frame.replayed');
      receiver.removeSender(NUMBER);
      must(receiver.addSender(NUMBER, keyOf(1)));
      assert.equal(codeOf(await receiver.open(wire, AUDIO)), 'frame.replayed');
      must(receiver.addSender(NUMBER, keyOf(2)));
      must(receiver.addSender(NUMBER, keyOf(1)));
      assert.equal(codeOf(await receiver.open(wire, AUDIO)), 'frame.replayed');
    });

    test('a frame of a context that 64 others pushed out', async () => {
      const { sender, receiver } = pair();
      const seal = sealer(sender);
      const [first, second] = [await seal(frame), await seal(frame)];
      must(await receiver.open(first.wire, AUDIO));
      for (let i = 0; i < 64; i++) must(await receiver.open((await sealer(sender)(frame)).wire, AUDIO));
      assert.equal(codeOf(await receiver.open(first.wire, AUDIO)), 'frame.replayed');
      assert.equal(codeOf(await receiver.open(second.wire, AUDIO)), 'frame.replayed');
    });
  });

  describe('a refused frame changes nothing', () => {
    test('a forged counter far ahead does not move the replay window', async () => {
      const { sender, receiver } = pair();
      const seal = sealer(sender);
      const forged = new Uint8Array([
        ...encodeHeader(joinKid({ context: 0, number: NUMBER }), 2n ** 60n),
        ...new Uint8Array(40),
      ]);
      const frames = [await seal(frame), await seal(frame)];
      must(await receiver.open(frames[1]?.wire ?? forged, AUDIO));
      assert.equal(codeOf(await receiver.open(forged, AUDIO)), 'frame.not-authentic');
      assert.equal(codeOf(await receiver.open(frames[0]?.wire ?? forged, AUDIO)), 'ok');
    });

    test('a damaged frame does not use up its counter', async () => {
      const { sender, receiver } = pair();
      const { wire } = await sealer(sender)(frame);
      const damaged = wire.slice();
      damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
      assert.equal(codeOf(await receiver.open(damaged, AUDIO)), 'frame.not-authentic');
      assert.equal(codeOf(await receiver.open(wire, AUDIO)), 'ok');
    });

    test('forged contexts push no true one out', async () => {
      const { sender, receiver } = pair();
      const seal = sealer(sender);
      must(await receiver.open((await seal(frame)).wire, AUDIO));
      for (let context = 1; context <= 100; context++) {
        const header = encodeHeader(joinKid({ context, number: NUMBER }), 0n);
        await receiver.open(new Uint8Array([...header, ...new Uint8Array(20)]), AUDIO);
      }
      assert.equal(codeOf(await receiver.open((await seal(frame)).wire, AUDIO)), 'ok');
    });
  });

  describe('own keys', () => {
    test('are needed to seal', async () => {
      const context = must(create().newSealingContext('camera', 'vp8'));
      assert.equal(codeOf(await context.seal(frame, false)), 'frame.no-key');
    });

    test('never come back, under whichever number', async () => {
      const { sender } = pair();
      assert.equal(codeOf(sender.useOwnKey(NUMBER, keyOf(1))), 'keys.used-before');
      must(sender.useOwnKey(NUMBER, keyOf(2)));
      assert.equal(codeOf(sender.useOwnKey(78, keyOf(1))), 'keys.used-before');
    });

    test('are copied: changing the bytes afterwards changes nothing', async () => {
      const [own, theirs] = [keyOf(3), keyOf(3)];
      const sender = create();
      const receiver = create();
      must(sender.useOwnKey(NUMBER, own));
      must(receiver.addSender(NUMBER, theirs));
      own.fill(0);
      theirs.fill(9);
      assert.equal(codeOf(await receiver.open((await sealer(sender)(frame)).wire, AUDIO)), 'ok');
    });

    test('seal a limited number of frames each', async () => {
      const sender = create(2);
      must(sender.useOwnKey(NUMBER, keyOf(1)));
      const context = must(sender.newSealingContext('microphone', 'opus'));
      must(await context.seal(frame, false));
      must(await context.seal(frame, false));
      assert.equal(codeOf(await context.seal(frame, false)), 'frame.exhausted');
      assert.equal(codeOf(await context.seal(frame, false)), 'frame.exhausted');
      must(sender.useOwnKey(NUMBER, keyOf(2)));
      assert.equal(must(await context.seal(frame, false)).ctr, 0n);
    });

    test('of impossible number or length are a bug, and thrown', async () => {
      const { sender, receiver } = pair();
      assert.throws(() => sender.useOwnKey(2 ** 20, keyOf(4)), { code: 'bug.base-key' });
      assert.throws(() => receiver.addSender(-1, keyOf(4)), { code: 'bug.base-key' });
      assert.throws(() => receiver.addSender(1, new Uint8Array(15)), { code: 'bug.base-key' });
    });
  });

  describe('no (key, nonce) comes twice', () => {
    test('through new producers, layers and own keys, in any mixture', async () => {
      const sender = create();
      const receivers = new Map<number, Store>();
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
          const { wire, kid, ctr } = await seal(frame);
          assert.ok(!seen.has(`${epoch} ${kid} ${ctr}`));
          seen.add(`${epoch} ${kid} ${ctr}`);
          contexts.add(kid);
          assert.equal(codeOf(await receiver.open(wire, AUDIO)), 'ok');
        }
      }
      assert.equal(contexts.size, streams.length);
    });
  });

  epochContract(create);

  describe('at once', () => {
    test('of copies of one frame one alone is opened', async () => {
      const { sender, receiver } = pair();
      const { wire } = await sealer(sender)(frame);
      const opened = await Promise.all([1, 2, 3].map(() => receiver.open(wire, AUDIO)));
      // Which copy wins is open: the three are decrypted at once, and the first to end is taken.
      assert.deepEqual(opened.map(codeOf).sort(), ['frame.replayed', 'frame.replayed', 'ok']);
    });

    test('frames are sealed under counters of their own', async () => {
      const { sender, receiver } = pair();
      const seal = sealer(sender, 'camera', 'vp8');
      const sealed = await Promise.all([seal(frame), seal(keyFrame), seal(frame)]);
      assert.deepEqual(
        sealed.map(({ ctr }) => ctr),
        [0n, 1n, 2n],
      );
      const opened = await Promise.all(sealed.map(({ wire }) => receiver.open(wire, VIDEO)));
      assert.deepEqual(
        opened.map((result) => must(result).frame),
        [frame, keyFrame, frame],
      );
    });

    test('limited frames are not exceeded', async () => {
      const sender = create(2);
      must(sender.useOwnKey(NUMBER, keyOf(1)));
      const context = must(sender.newSealingContext('microphone', 'opus'));
      const sealed = await Promise.all([1, 2, 3].map(() => context.seal(frame, false)));
      assert.deepEqual(sealed.map(codeOf), ['ok', 'ok', 'frame.exhausted']);
    });
  });

  test('senders at once have a limit, and who is beyond it changes nothing', async () => {
    const receiver = create();
    for (let number = 0; number < 4096; number++) must(receiver.addSender(number, keyOf(1)));
    assert.equal(codeOf(receiver.addSender(5000, keyOf(1))), 'keys.too-many-senders');
    assert.equal(codeOf(receiver.addSender(7, keyOf(2))), 'ok');
    receiver.removeSender(7);
    assert.equal(codeOf(receiver.addSender(5000, keyOf(1))), 'ok');
  });
}

const ADA = asId<ParticipantId>('ada');
const BEN = asId<ParticipantId>('ben');
const OF_ADA = { participant: ADA, source: 'microphone', codec: 'opus' } as const satisfies ExpectedStream;
const ADAS_LEAF = 5;

function epochContract(create: (framesPerKey?: number) => Store): void {
  const open = (keys: Store, epoch: bigint, fill = Number(epoch) + 1, leaves = [[ADAS_LEAF, ADA]] as const) =>
    keys.openUnder(epoch, keyOf(fill), new Map(leaves));
  const sealsUnder = (keys: Store, epoch: bigint, leaf = ADAS_LEAF) => {
    keys.openUnder(epoch, keyOf(Number(epoch) + 1), new Map());
    keys.sealUnder(epoch, leaf);
  };

  describe('epochs', () => {
    test('have the leaf and the low bits of the epoch as sender number, and one stream lives over them', async () => {
      const [ada, ben] = [create(), create()];
      const seal = sealer(ada);
      const numbers = [];
      for (const epoch of [30n, 31n, 32n]) {
        sealsUnder(ada, epoch);
        open(ben, epoch);
        const { wire, kid, ctr } = await seal(frame);
        assert.deepEqual(must(await ben.open(wire, OF_ADA)).frame, frame);
        assert.equal(ctr, 0n);
        numbers.push(splitKid(kid).number);
      }
      assert.deepEqual(numbers, [5 * 16 + 14, 5 * 16 + 15, 5 * 16]);
    });

    test('are open side by side, each with its own windows', async () => {
      const [ada, ben] = [create(), create()];
      const seal = sealer(ada);
      sealsUnder(ada, 1n);
      const late = [await seal(frame), await seal(frame)];
      sealsUnder(ada, 2n);
      for (const epoch of [1n, 2n]) open(ben, epoch);
      const fresh = await seal(frame);
      for (const { wire } of [fresh, ...late]) {
        assert.equal(codeOf(await ben.open(wire, OF_ADA)), 'ok');
        assert.equal(codeOf(await ben.open(wire, OF_ADA)), 'frame.replayed');
      }
    });

    test('that are forgotten open nothing, and do not come back', async () => {
      const [ada, ben] = [create(), create()];
      const seal = sealer(ada);
      sealsUnder(ada, 1n);
      open(ben, 1n);
      const frames = [await seal(frame), await seal(frame)];
      must(await ben.open(frames[0]?.wire ?? frame, OF_ADA));
      ben.forget(1n);
      for (const { wire } of frames)
        assert.equal(codeOf(await ben.open(wire, OF_ADA)), 'frame.forgotten-epoch');
      assert.throws(() => open(ben, 1n), { code: 'keys.used-before' });
      assert.throws(() => open(ben, 17n, 2), { code: 'keys.used-before' });
      ben.forget(1n);
      for (const { wire } of frames)
        assert.equal(codeOf(await ben.open(wire, OF_ADA)), 'frame.forgotten-epoch');
    });

    test('that are not open are told apart: those to come, and those that are over', async () => {
      const [ada, ben] = [create(), create()];
      const seal = sealer(ada);
      const wires: Bytes[] = [];
      for (const epoch of [25n, 31n, 32n, 39n]) {
        sealsUnder(ada, epoch);
        wires.push((await seal(frame)).wire);
      }
      const codes = async () => {
        const opened = await Promise.all(wires.map((wire) => ben.open(wire, OF_ADA)));
        return opened.map(codeOf);
      };
      const [later, earlier, forgotten] = [
        'frame.later-epoch',
        'frame.earlier-epoch',
        'frame.forgotten-epoch',
      ];
      assert.deepEqual(await codes(), [later, later, later, later], 'none came yet');
      open(ben, 31n);
      assert.deepEqual(await codes(), [earlier, 'ok', later, later]);
      open(ben, 32n);
      ben.forget(31n);
      assert.deepEqual(await codes(), [earlier, forgotten, 'ok', later]);
      open(ben, 33n);
      assert.deepEqual((await codes())[0], later, 'sixteen on is the same to a key id, and as near');
      ben.forget(32n);
      ben.forget(33n);
      open(ben, 36n);
      assert.deepEqual(await codes(), [later, earlier, earlier, later], 'it came anew');
    });

    test('of equal low bits are never open together, and no more than eight are', () => {
      const keys = create();
      open(keys, 1n);
      assert.throws(() => open(keys, 17n), { code: 'bug.epoch' });
      assert.throws(() => open(keys, 1n), { code: 'bug.epoch' });
      for (let epoch = 2n; epoch <= 8n; epoch++) open(keys, epoch);
      assert.throws(() => open(keys, 9n), { code: 'bug.epoch' });
      keys.forget(1n);
      open(keys, 17n);
    });

    test('know whose leaf it is in each: another one’s frames are nobody else’s', async () => {
      const [ada, ben] = [create(), create()];
      const seal = sealer(ada);
      sealsUnder(ada, 1n);
      open(ben, 1n, 2, [[ADAS_LEAF, BEN]] as never);
      const { wire } = await seal(frame);
      assert.equal(codeOf(await ben.open(wire, OF_ADA)), 'frame.sender-mismatch');
      assert.equal(codeOf(await ben.open(wire, { ...OF_ADA, participant: BEN })), 'ok');
    });

    test('open no leaf that was not named, nor the own one', async () => {
      const [ada, ben] = [create(), create()];
      const seal = sealer(ada);
      sealsUnder(ada, 1n, 6);
      open(ben, 1n);
      assert.equal(codeOf(await ben.open((await seal(frame)).wire, OF_ADA)), 'frame.unknown-key');
      const { wire } = await sealer(ada)(frame);
      assert.equal(codeOf(await ada.open(wire, OF_ADA)), 'frame.unknown-key');
    });

    test('do not open what a key of one sender alone seals', async () => {
      const [ada, ben] = [create(), create()];
      const number = ADAS_LEAF * 16 + 1;
      must(ada.useOwnKey(number, keyOf(2)));
      open(ben, 1n);
      const { wire } = await sealer(ada)(frame);
      assert.equal(codeOf(await ben.open(wire, { ...AUDIO, number })), 'frame.unknown-key');
    });

    test('seal nothing before the first and after one that was lost, and go on with the next', async () => {
      const ada = create();
      const context = must(ada.newSealingContext('microphone', 'opus'));
      ada.openUnder(1n, keyOf(2), new Map());
      assert.equal(codeOf(await context.seal(frame, false)), 'frame.no-key');
      ada.sealUnder(1n, 0);
      must(await context.seal(frame, false));
      ada.openUnder(2n, keyOf(3), new Map());
      ada.forget(1n);
      assert.equal(codeOf(await context.seal(frame, false)), 'frame.between-epochs');
      ada.sealUnder(2n, 0);
      assert.equal(must(await context.seal(frame, false)).ctr, 0n);
      assert.throws(() => ada.sealUnder(2n, 0), { code: 'keys.used-before' });
      assert.throws(() => ada.sealUnder(1n, 0), { code: 'bug.epoch' });
    });

    test('that are forgotten while a frame is under way leave nothing that zeros would open', async () => {
      const [ada, thief] = [create(), create()];
      sealsUnder(ada, 1n);
      const sealing = must(ada.newSealingContext('microphone', 'opus')).seal(frame, false);
      ada.forget(1n);
      const { wire } = must(await sealing);
      thief.openUnder(1n, keyOf(0), new Map([[ADAS_LEAF, ADA]]));
      assert.equal(codeOf(await thief.open(wire, OF_ADA)), 'frame.not-authentic');
    });

    test('give no key, leaf and counter out twice, whatever comes between', async () => {
      const ada = create();
      const streams = [sealer(ada), sealer(ada, 'camera', 'vp8')];
      const seen = new Set<string>();
      let count = 0;
      for (let epoch = 0n; epoch < 40n; epoch++) {
        sealsUnder(ada, epoch);
        if (epoch >= 3n) ada.forget(epoch - 3n);
        if (epoch % 10n === 0n) streams.push(sealer(ada));
        for (const seal of streams) {
          const { kid, ctr } = await seal(keyFrame);
          seen.add(`${toHex(keyOf(Number(epoch) + 1))} ${kid} ${ctr}`);
          count += 1;
        }
      }
      assert.equal(seen.size, count);
    });
  });
}
