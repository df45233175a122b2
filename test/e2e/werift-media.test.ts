import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { RtpPacket } from 'werift';
import type { Clock } from '../../src/base/clock.ts';
import { systemClock } from '../../src/base/platform.ts';
import { loadShippedClips, type ShippedClips } from '../../src/client/clips/files.ts';
import { TOP_LAYER } from '../../src/client/ports.ts';
import type { ReceivedFrame, ReceivedStream, SentFrame } from '../../src/client/werift/media.ts';
import { parseHeader } from '../../src/framing/sframe-header.ts';
import type { Engine } from '../../src/sfu/engine/port.ts';
import { until } from '../support/until.ts';
import { type Consumed, WeriftPeer, WeriftRoom } from '../support/werift-room.ts';
import { nextEvent, startEngine } from './engine-support.ts';

const TIMEOUT = { timeout: 30_000 };

/** What one sender sent, by key and counter: each pair is sent once. */
class Sent {
  readonly frames: SentFrame[] = [];
  readonly #byNonce = new Map<string, SentFrame>();

  readonly add = (frame: SentFrame): void => {
    const nonce = `${frame.kid} ${frame.ctr}`;
    assert(!this.#byNonce.has(nonce), `${nonce} was sealed twice`);
    this.#byNonce.set(nonce, frame);
    this.frames.push(frame);
  };

  /** The sent frame that `received` is, byte for byte. */
  of(received: ReceivedFrame): SentFrame {
    const sent = this.#byNonce.get(`${received.kid} ${received.ctr}`);
    assert(sent, 'a frame that nobody sent');
    assert.deepEqual(Buffer.from(received.frame), Buffer.from(sent.frame));
    return sent;
  }
}

/** The next `count` frames, each checked against what was sent. */
const receive = (stream: ReceivedStream, sent: Sent, count: number): Promise<SentFrame[]> =>
  receiveUntil(stream, sent, (_, received) => received.length === count);

const receiveUntil = (
  stream: ReceivedStream,
  sent: Sent,
  isLast: (frame: SentFrame, all: readonly SentFrame[]) => boolean,
): Promise<SentFrame[]> =>
  new Promise((resolve, reject) => {
    const all: SentFrame[] = [];
    const off = stream.onFrame((frame) => {
      try {
        const matched = sent.of(frame);
        all.push(matched);
        if (!isLast(matched, all)) return;
        off();
        resolve(all);
      } catch (error) {
        off();
        reject(error);
      }
    });
  });

const ticksOf = (frames: readonly SentFrame[]) => frames.map(({ tick }) => tick);

/** Every tick that was sent between the first and the last, once each; a sender on a busy machine leaves some out. */
const assertNoneMissing = (frames: readonly SentFrame[], sent: Sent): void => {
  const ticks = ticksOf(frames);
  const [first = 0, last = 0] = [ticks[0], ticks.at(-1)];
  const between = ticksOf(sent.frames).filter((tick) => tick >= first && tick <= last);
  assert.deepEqual(ticks, [...new Set(between)]);
};

describe('werift media through a real relay', TIMEOUT, () => {
  let engine: Engine;
  let room: WeriftRoom;
  let clips: ShippedClips;
  const peers: WeriftPeer[] = [];

  const join = async (
    ...options: Parameters<typeof WeriftPeer.join> extends [unknown, ...infer R] ? R : never
  ) => {
    const peer = await WeriftPeer.join(room, ...options);
    peers.push(peer);
    return peer;
  };
  const produceCamera = async (peer: WeriftPeer) => {
    const sent = new Sent();
    return { sent, producer: await peer.produce('camera', { layers: clips.camera, onSent: sent.add }) };
  };
  const produceMicrophone = async (peer: WeriftPeer) => {
    const sent = new Sent();
    return {
      sent,
      producer: await peer.produce('microphone', { layers: clips.microphone, onSent: sent.add }),
    };
  };
  const prefer = (consumed: Consumed, spatialLayer: number) =>
    room.ask({ kind: 'prefer-layers', consumer: consumed.consumer, spatialLayer }, 'done');

  before(async () => {
    clips = await loadShippedClips();
    engine = await startEngine();
    room = await WeriftRoom.open(engine);
  });
  after(async () => {
    for (const peer of peers) peer.port.reset();
    await engine.close();
  });

  it('opens both ways what was sealed, sound and picture, byte for byte', async () => {
    const [ann, bob] = [await join(1), await join(2)];
    const fromAnn = await produceCamera(ann);
    const fromBob = await produceMicrophone(bob);
    const picture = await bob.consume(ann, 'camera', fromAnn.producer);
    const sound = await ann.consume(bob, 'microphone', fromBob.producer);
    const seen = receive(picture.stream, fromAnn.sent, 40);
    const heard = receive(sound.stream, fromBob.sent, 60);
    await Promise.all([picture.resume(), sound.resume()]);
    assertNoneMissing(await heard, fromBob.sent);
    const frames = await seen;
    assertNoneMissing(frames, fromAnn.sent);
    assert.equal(frames[0]?.keyFrame, true);
    assert.deepEqual([...ann.refused, ...bob.refused], []);
    assert.equal(picture.stream.counters().framesOpened, 40);
    assert.equal(picture.stream.counters().lost, 0);
    ann.port.stopProducing('camera');
    bob.port.stopProducing('microphone');
  });

  it('switches layers down and up, each time at a key frame', async () => {
    const [ann, bob] = [await join(1), await join(2)];
    const { sent, producer } = await produceCamera(ann);
    const picture = await bob.consume(ann, 'camera', producer);
    const reached = (layer: number) => receiveUntil(picture.stream, sent, (frame) => frame.layer === layer);
    const first = reached(2);
    await picture.resume();
    await first;
    for (const layer of [0, 2, 1]) {
      const switched = reached(layer);
      await prefer(picture, layer);
      assert.equal((await switched).at(-1)?.keyFrame, true);
    }
    assert.equal(picture.stream.counters().framesBroken, 0);
    ann.port.stopProducing('camera');
  });

  it('answers a key-frame request before the clip has one by itself', async () => {
    const [ann, bob] = [await join(1), await join(2)];
    const { sent, producer } = await produceCamera(ann);
    const picture = await bob.consume(ann, 'camera', producer);
    const started = receiveUntil(picture.stream, sent, ({ layer }) => layer === 2);
    await picture.resume();
    await started;
    const natural = await receiveUntil(picture.stream, sent, ({ keyFrame }) => keyFrame);
    const asked = receiveUntil(picture.stream, sent, ({ keyFrame }) => keyFrame);
    await room.ask({ kind: 'request-key-frame', consumer: picture.consumer }, 'done');
    const frames = await asked;
    assertNoneMissing([...natural.slice(-1), ...frames], sent);
    assert(frames.length < 30, `it took ${frames.length} frames`);
    ann.port.stopProducing('camera');
  });

  it('asks for what was lost on the way to it, and misses nothing', async () => {
    let packets = 0;
    const carriesIn = () => ++packets % 7 !== 0;
    const [ann, bob] = [await join(1), await join(2, { network: { carriesIn } })];
    const { sent, producer } = await produceCamera(ann);
    const picture = await bob.consume(ann, 'camera', producer);
    const started = receiveUntil(picture.stream, sent, ({ layer }) => layer === 2);
    await picture.resume();
    await started;
    assertNoneMissing(await receive(picture.stream, sent, 90), sent);
    const { lost, nacksSent, recovered } = picture.stream.counters();
    assert.equal(lost, 0);
    assert(nacksSent > 5 && recovered > 5);
    ann.port.stopProducing('camera');
  });

  it('asks for sound that was lost on the way to it, and gets the same packets again', async () => {
    let packets = 0;
    const lost = new Map<string, Buffer>();
    const again: boolean[] = [];
    const carriesIn = (packet: RtpPacket) => {
      const { ssrc, sequenceNumber } = packet.header;
      const id = `${ssrc} ${sequenceNumber}`;
      const first = lost.get(id);
      if (first !== undefined) again.push(first.equals(packet.serialize()));
      if (first !== undefined || ++packets % 7 !== 0) return true;
      lost.set(id, packet.serialize());
      return false;
    };
    const [ann, bob] = [await join(1), await join(2, { network: { carriesIn } })];
    const { sent, producer } = await produceMicrophone(ann);
    const sound = await bob.consume(ann, 'microphone', producer);
    const heard = receive(sound.stream, sent, 100);
    await sound.resume();
    assertNoneMissing(await heard, sent);
    assert.equal(sound.stream.counters().lost, 0);
    // Under one SRTP nonce nothing but the same bytes may be sent twice.
    assert(again.length > 5);
    assert(again.every((same) => same));
    ann.port.stopProducing('microphone');
  });

  it('sends again what was lost on the way from it', async () => {
    let packets = 0;
    const lost = new Set<string>();
    const carriesOut = (datagram: Buffer) => {
      const id = datagram.subarray(2, 12).toString('hex');
      if (++packets % 9 !== 0 || lost.has(id)) return true;
      lost.add(id);
      return false;
    };
    const [ann, bob] = [await join(1, { network: { carriesOut } }), await join(2)];
    const [camera, microphone] = [await produceCamera(ann), await produceMicrophone(ann)];
    const picture = await bob.consume(ann, 'camera', camera.producer);
    const sound = await bob.consume(ann, 'microphone', microphone.producer);
    const started = [
      receiveUntil(picture.stream, camera.sent, ({ layer }) => layer === 2),
      receive(sound.stream, microphone.sent, 1),
    ];
    await Promise.all([picture.resume(), sound.resume()]);
    await Promise.all(started);
    const heard = receive(sound.stream, microphone.sent, 100);
    assertNoneMissing(await receive(picture.stream, camera.sent, 60), camera.sent);
    assertNoneMissing(await heard, microphone.sent);
    ann.port.stopProducing('camera');
    ann.port.stopProducing('microphone');
  });

  it('shows the relay sound of one size, whatever is said', async () => {
    const ann = await join(1);
    const { producer } = await produceMicrophone(ann);
    const sizes = new Map<number, Set<number>>();
    let packets = 0;
    const enough = new Promise<void>((resolve) => {
      engine.onEvent((event) => {
        if (event.kind !== 'packet' || event.producer !== producer) return;
        const { payload } = RtpPacket.deSerialize(Buffer.from(event.packet));
        const header = parseHeader(payload);
        assert(header.ok);
        const { length } = header.value;
        sizes.set(length, (sizes.get(length) ?? new Set()).add(payload.length));
        if (++packets === 100) resolve();
      });
    });
    await room.ask({ kind: 'watch', room: room.id, producer }, 'done');
    await enough;
    // The SFrame header grows with its counter, once in 256 and once in 65,536 frames: that tells nothing of the sound.
    for (const [headerBytes, payloads] of sizes) assert.deepEqual([...payloads], [60 + headerBytes + 16]);
    ann.port.stopProducing('microphone');
  });

  it('goes on through an ICE restart', async () => {
    const [ann, bob] = [await join(1), await join(2)];
    const { sent, producer } = await produceMicrophone(ann);
    const sound = await bob.consume(ann, 'microphone', producer);
    const before = receive(sound.stream, sent, 10);
    await sound.resume();
    await before;
    for (const [peer, direction] of [
      [ann, 'send'],
      [bob, 'receive'],
    ] as const) {
      const transport = peer.transport(direction);
      const { iceParameters } = await room.ask({ kind: 'restart-ice', transport }, 'ice');
      await peer.port.restartIce(direction, iceParameters);
    }
    assertNoneMissing(await receive(sound.stream, sent, 30), sent);
    assert.equal(ann.states.at(-1), 'send connected');
    ann.port.stopProducing('microphone');
  });

  it('pauses, and comes back with a key frame', async () => {
    const [ann, bob] = [await join(1), await join(2)];
    const { sent, producer } = await produceCamera(ann);
    const picture = await bob.consume(ann, 'camera', producer);
    const before = receive(picture.stream, sent, 10);
    await picture.resume();
    await before;
    ann.port.setSending('camera', { paused: true, topLayer: TOP_LAYER });
    const sentBefore = sent.frames.length;
    await nextEvent(engine, 'layers-changed');
    assert.equal(sent.frames.length, sentBefore);
    const after = receiveUntil(picture.stream, sent, ({ keyFrame }) => keyFrame);
    ann.port.setSending('camera', { paused: false, topLayer: TOP_LAYER });
    await after;
    assert.equal(sent.frames[sentBefore]?.keyFrame, true);
    ann.port.stopProducing('camera');
  });

  it('leaves no socket and no timer behind a reset', async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'UDPWrap').length;
    const existing = sockets();
    const clock = new CountingClock();
    const [ann, bob] = [await join(1, { clock }), await join(2, { clock })];
    const { sent, producer } = await produceCamera(ann);
    const picture = await bob.consume(ann, 'camera', producer);
    const seen = receive(picture.stream, sent, 5);
    await picture.resume();
    await seen;
    assert.equal(sockets(), existing + 4);
    assert(clock.pending > 0);
    for (const peer of [ann, bob]) peer.port.reset();
    await until('the sockets are closed', () => sockets() === existing);
    assert.equal(clock.pending, 0);
  });
});

/** The real clock, counting what it still has to do. */
class CountingClock implements Clock {
  pending = 0;
  readonly nowMs = systemClock.nowMs;
  readonly unixMs = systemClock.unixMs;

  after(delayMs: number, run: () => void): () => void {
    return this.#count((done) =>
      systemClock.after(delayMs, () => {
        done();
        run();
      }),
    );
  }

  every(periodMs: number, run: () => void): () => void {
    return this.#count(() => systemClock.every(periodMs, run));
  }

  #count(start: (done: () => void) => () => void): () => void {
    let isPending = true;
    const done = () => {
      if (isPending) this.pending--;
      isPending = false;
    };
    this.pending++;
    const cancel = start(done);
    return () => {
      done();
      cancel();
    };
  }
}
