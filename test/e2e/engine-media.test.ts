import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { PictureLossIndication, RtcpPayloadSpecificFeedback, RtpPacket } from 'werift';
import { asId, type ConsumerId, type ProducerId, type RoomId, type TransportId } from '../../src/base/ids.ts';
import { systemClock } from '../../src/base/platform.ts';
import type { RtpParameters } from '../../src/base/rtp.ts';
import type { Engine, EngineEvent, EngineVerb } from '../../src/sfu/engine/port.ts';
import { codeOf, FINGERPRINTS, opusParameters, replyOf, vp8Parameters } from '../contract/engine.ts';
import { EnginePeer, type Stream } from './engine-peer.ts';
import { createTransport, nextEvent, openRouter, startEngine } from './engine-support.ts';

const TIMEOUT = { timeout: 30_000 };
const opus = (ssrc: number): Stream => ({ ssrc, payloadType: 111, clockRate: 48_000 });
const vp8 = (ssrc: number): Stream => ({ ssrc, payloadType: 96, clockRate: 90_000 });

const pictureLoss = (mediaSsrc: number) =>
  new RtcpPayloadSpecificFeedback({ feedback: new PictureLossIndication({ senderSsrc: 1, mediaSsrc }) });

/** When each of the next `count` requests for a key frame of `ssrc` came (PLI, RFC 4585). */
const requestsFor = (peer: EnginePeer, ssrc: number, count: number): Promise<number[]> =>
  new Promise((resolve) => {
    const atMs: number[] = [];
    peer.dtls.onRtcp.subscribe((packet) => {
      if (!(packet instanceof RtcpPayloadSpecificFeedback)) return;
      const { feedback } = packet;
      if (!(feedback instanceof PictureLossIndication) || feedback.mediaSsrc !== ssrc) return;
      if (atMs.push(systemClock.nowMs()) === count) resolve(atMs);
    });
  });

/** One VP8 key frame in one packet: a descriptor that begins a partition (RFC 7741), then a frame of `layer`'s own bytes. */
const keyFrame = (layer: number) =>
  Buffer.from([0x10, 0x00, 0, 0, 0x9d, 0x01, 0x2a, 64, 0, 64, 0, layer, layer, layer]);

/** The low bit of its first byte says that it is none (RFC 6386, section 9.1). */
const INTER_FRAME = Buffer.from([0x10, 0x01, 0, 0, 1, 2, 3]);

describe('media through the engine', TIMEOUT, () => {
  let engine: Engine;
  const peers: EnginePeer[] = [];
  const ends: (() => void)[] = [];

  before(async () => {
    engine = await startEngine();
  });
  afterEach(async () => {
    for (const end of ends.splice(0)) end();
    for (const peer of peers.splice(0)) await peer.close();
  });
  after(() => engine.close());

  const done = async (verb: EngineVerb) => replyOf('done', await engine.run(verb));

  async function join(room: RoomId, name: string, direction: 'send' | 'receive' = 'send') {
    const { transport, offer } = await createTransport(engine, room, name, direction);
    const peer = await EnginePeer.create(offer);
    peers.push(peer);
    await peer.connect(engine, transport);
    return { transport, peer };
  }

  /** Sends what `packets` makes for each sequence number, each 20 ms, until the test ends. */
  function stream(send: (sequenceNumber: number) => Promise<unknown>): void {
    let sequenceNumber = 0;
    ends.push(systemClock.every(20, () => void send(sequenceNumber++)));
  }

  async function produce(transport: TransportId, name: string, rtpParameters: RtpParameters) {
    const producer = asId<ProducerId>(name);
    const source = rtpParameters.encodings.length === 1 ? 'microphone' : 'camera';
    await done({ kind: 'produce', transport, producer, source, rtpParameters, paused: false });
    return producer;
  }

  /** Waits for an event that `matches`; looks at those that come from now on. */
  function eventWhere(matches: (event: EngineEvent) => boolean): Promise<EngineEvent> {
    return new Promise((resolve) => {
      const off = engine.onEvent((event) => {
        if (!matches(event)) return;
        off();
        resolve(event);
      });
    });
  }

  it('reaches the witness and a receiver, and is counted', async () => {
    const { room, rtpCapabilities } = await openRouter(engine, 'voice');
    const [sender, receiver] = [await join(room, 'voice-send'), await join(room, 'voice-receive', 'receive')];
    const producer = await produce(sender.transport, 'voice', opusParameters(rtpCapabilities, 4242));
    await done({ kind: 'watch', room, producer });
    const consumer = asId<ConsumerId>('voice-view');
    const { transport } = receiver;
    replyOf(
      'consumer',
      await engine.run({ kind: 'consume', transport, consumer, producer, rtpCapabilities }),
    );
    await done({ kind: 'prefer-layers', consumer, spatialLayer: 0 });
    let before = 0;
    const tooEarly = receiver.peer.dtls.onRtp.subscribe(() => before++);

    const seen = nextEvent(engine, 'packet');
    const payload = Buffer.from('sealed, as far as the relay can tell');
    stream((number) => sender.peer.send(opus(4242), number, payload));
    const packet = await seen;
    assert.deepEqual([packet.room, packet.producer], [room, producer]);
    assert.deepEqual(RtpPacket.deSerialize(Buffer.from(packet.packet)).payload, payload);

    await nextEvent(engine, 'packet');
    tooEarly.unSubscribe();
    assert.equal(before, 0, 'consumers are made paused');
    const heard = new Promise<RtpPacket>((resolve) => receiver.peer.dtls.onRtp.once(resolve));
    await done({ kind: 'resume-consumer', consumer });
    assert.deepEqual((await heard).payload, payload);
    await countedTraffic();
  });

  /** Settles once the heartbeat has seen packets and bits both ways. */
  function countedTraffic(): Promise<void> {
    return new Promise((resolve) => {
      const stop = systemClock.every(100, () => {
        const [stats] = engine.stats();
        if (!stats || Math.min(stats.packetsIn, stats.packetsOut, stats.bitsIn, stats.bitsOut) === 0) return;
        stop();
        assert.ok(stats.bitsIn > 8 * 36 * stats.packetsIn, 'bits count whole datagrams');
        assert.ok(stats.cpuSeconds > 0);
        assert.equal(stats.consumers, 1, 'the relay’s own consumers are not counted');
        resolve();
      });
      ends.push(stop);
    });
  }

  it('of three layers reaches the witness unchanged and whole: no layer hides behind another', async () => {
    const { room, rtpCapabilities } = await openRouter(engine, 'camera');
    const { transport, peer } = await join(room, 'camera-send');
    const producer = await produce(transport, 'camera', vp8Parameters(rtpCapabilities, 5000));
    await done({ kind: 'watch', room, producer });
    const whole = [0, 1, 2].map(keyFrame);
    const counts = [0, 0, 0];
    const enough = Promise.withResolvers<void>();
    ends.push(
      engine.onEvent((event) => {
        if (event.kind !== 'packet' || event.producer !== producer) return;
        const { payload } = RtpPacket.deSerialize(Buffer.from(event.packet));
        const layer = whole.findIndex((frame) => frame.equals(payload));
        if (layer === -1) return enough.reject(new Error('the witness was shown what nobody sent'));
        counts[layer] = (counts[layer] ?? 0) + 1;
        if (counts.every((count) => count >= 10)) enough.resolve();
      }),
    );
    stream(async (number) => {
      for (const layer of [2, 1, 0]) await peer.send(vp8(5000 + layer), number, keyFrame(layer));
    });
    await enough.promise;
    await done({ kind: 'close-producer', producer });
  });

  /** How far each packet that the witness is shown is from the one before, until the second time that many lie between. */
  const stepsUntilGlances = (producer: ProducerId): Promise<number[]> =>
    new Promise((resolve) => {
      const steps: number[] = [];
      let last: number | undefined;
      const off = engine.onEvent((event) => {
        if (event.kind !== 'packet' || event.producer !== producer) return;
        const { sequenceNumber } = RtpPacket.deSerialize(Buffer.from(event.packet)).header;
        if (last !== undefined) steps.push(sequenceNumber - last);
        last = sequenceNumber;
        if (steps.filter((step) => step > 20).length < 2) return;
        off();
        resolve(steps);
      });
    });

  it('is shown to the witness now and again once its first seconds are over', async () => {
    const { room, rtpCapabilities } = await openRouter(engine, 'glances');
    const { transport, peer } = await join(room, 'glances-send');
    const producer = await produce(transport, 'glances', opusParameters(rtpCapabilities, 5500));
    await done({ kind: 'watch', room, producer });
    const glances = stepsUntilGlances(producer);
    stream((number) => peer.send(opus(5500), number, Buffer.from('x')));
    const steps = await glances;
    const every = steps.slice(0, -2);
    assert.ok(every.length > 30, `${every.length} packets before the first glance`);
    assert.deepEqual(new Set(every), new Set([1]));
    await done({ kind: 'close-producer', producer });
  });

  it('tells which layers a receiver gets', async () => {
    const { room, rtpCapabilities } = await openRouter(engine, 'layers');
    const [sender, receiver] = [await join(room, 'layers-send'), await join(room, 'layers-view', 'receive')];
    const producer = await produce(sender.transport, 'layers', vp8Parameters(rtpCapabilities, 6000));
    const consumer = asId<ConsumerId>('layers-consumer');
    const { transport } = receiver;
    replyOf(
      'consumer',
      await engine.run({ kind: 'consume', transport, consumer, producer, rtpCapabilities }),
    );
    await done({ kind: 'prefer-layers', consumer, spatialLayer: 0 });
    await done({ kind: 'resume-consumer', consumer });
    const told = nextEvent(engine, 'layers-changed');
    stream((number) => sender.peer.send(vp8(6000), number, keyFrame(0)));
    assert.deepEqual(await told, {
      kind: 'layers-changed',
      room,
      consumer,
      spatialLayer: 0,
      temporalLayer: 0,
    });
    const gone = eventWhere((event) => event.kind === 'layers-changed' && event.spatialLayer === undefined);
    await done({ kind: 'pause-producer', producer });
    assert.equal((await gone).kind, 'layers-changed');
  });

  it('asks again for a key frame that does not come, sooner than people notice', async () => {
    const { room, rtpCapabilities } = await openRouter(engine, 'keys');
    const [sender, receiver] = [await join(room, 'keys-send'), await join(room, 'keys-view', 'receive')];
    const producer = await produce(sender.transport, 'keys', vp8Parameters(rtpCapabilities, 6500));
    const consumer = asId<ConsumerId>('keys-consumer');
    const { transport } = receiver;
    replyOf(
      'consumer',
      await engine.run({ kind: 'consume', transport, consumer, producer, rtpCapabilities }),
    );
    await done({ kind: 'prefer-layers', consumer, spatialLayer: 0 });
    await done({ kind: 'resume-consumer', consumer });
    const asked = requestsFor(sender.peer, 6500, 2);
    stream((number) => sender.peer.send(vp8(6500), number, INTER_FRAME));
    const [firstMs = 0, secondMs = Infinity] = await asked;
    // mediasoup's own wait is 1 s.
    assert.ok(secondMs - firstMs > 300 && secondMs - firstMs < 800, `after ${secondMs - firstMs} ms`);
  });

  it('spaces requests for key frames as senders answer them', async () => {
    const { room, rtpCapabilities } = await openRouter(engine, 'spaced');
    const [sender, receiver] = [await join(room, 'spaced-send'), await join(room, 'spaced-view', 'receive')];
    const producer = await produce(sender.transport, 'spaced', vp8Parameters(rtpCapabilities, 6800));
    const consumer = asId<ConsumerId>('spaced-consumer');
    const { transport } = receiver;
    const verb = { kind: 'consume', transport, consumer, producer, rtpCapabilities } as const;
    const { rtpParameters } = replyOf('consumer', await engine.run(verb));
    await done({ kind: 'prefer-layers', consumer, spatialLayer: 0 });
    await done({ kind: 'resume-consumer', consumer });
    const asked = requestsFor(sender.peer, 6800, 4);
    stream((number) => sender.peer.send(vp8(6800), number, keyFrame(0)));
    const mediaSsrc = rtpParameters.encodings[0]?.ssrc ?? assert.fail('a consumer has an SSRC');
    ends.push(systemClock.every(50, () => void receiver.peer.dtls.sendRtcp([pictureLoss(mediaSsrc)])));
    const atMs = await asked;
    for (const [i, soonerMs] of atMs.slice(0, -1).entries())
      assert.ok((atMs[i + 1] ?? 0) - soonerMs > 250, `at ${atMs.join(', ')} ms`);
  });

  it('stops for the witness when a producer pauses, and comes again when it resumes', async () => {
    const { room, rtpCapabilities } = await openRouter(engine, 'pause');
    const { transport, peer } = await join(room, 'pause-send');
    const producer = await produce(transport, 'pause', opusParameters(rtpCapabilities, 7000));
    await done({ kind: 'watch', room, producer });
    const first = nextEvent(engine, 'packet');
    stream((number) => peer.send(opus(7000), number, Buffer.from('x')));
    await first;
    await done({ kind: 'pause-producer', producer });
    let packets = 0;
    ends.push(engine.onEvent((event) => void (event.kind === 'packet' && packets++)));
    // What was on its way has come by the time that later verbs are answered.
    await done({ kind: 'pause-producer', producer });
    await done({ kind: 'watch', room, producer });
    packets = 0;
    replyOf('ice', await engine.run({ kind: 'restart-ice', transport }));
    assert.equal(packets, 0);
    const again = nextEvent(engine, 'packet');
    await done({ kind: 'resume-producer', producer });
    await again;
  });

  it('does not come from a peer with another certificate: its transport is lost, and all on it', async () => {
    const { room, rtpCapabilities } = await openRouter(engine, 'impostor');
    const { transport, offer } = await createTransport(engine, room, 'impostor-send');
    const producer = await produce(transport, 'impostor', opusParameters(rtpCapabilities, 8000));
    const peer = await EnginePeer.create(offer);
    peers.push(peer);
    const lost = nextEvent(engine, 'transport-lost');
    const fingerprints = FINGERPRINTS;
    peer.connect(engine, transport, { role: 'client', fingerprints }).catch(() => undefined);
    assert.deepEqual(await lost, { kind: 'transport-lost', room, transport });
    assert.equal(codeOf(await engine.run({ kind: 'close-producer', producer })), 'media.unknown');
    assert.equal(codeOf(await engine.run({ kind: 'close-transport', transport })), 'media.unknown');
  });

  it('tells nothing of a transport that the room itself closed', async () => {
    const { room } = await openRouter(engine, 'closing');
    const { transport } = await join(room, 'closing-send');
    const lost: EngineEvent[] = [];
    ends.push(engine.onEvent((event) => void (event.kind === 'transport-lost' && lost.push(event))));
    await done({ kind: 'close-transport', transport });
    await done({ kind: 'close-router', room });
    assert.deepEqual(lost, []);
  });
});
