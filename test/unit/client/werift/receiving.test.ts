import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  GenericNack,
  PictureLossIndication,
  RtcpPacketConverter,
  RtcpPayloadSpecificFeedback,
  RtcpRrPacket,
  RtcpTransportLayerFeedback,
  RtpHeader,
  RtpPacket,
  TransportWideCC,
} from 'werift';
import { asId, type ConsumerId } from '../../../../src/base/ids.ts';
import type { RtpCapabilities, RtpParameters } from '../../../../src/base/rtp.ts';
import type { ReceivedFrame } from '../../../../src/client/werift/media.ts';
import { receivable, withoutEstimation } from '../../../../src/client/werift/negotiate/capabilities.ts';
import { Incoming } from '../../../../src/client/werift/receive/incoming.ts';
import { Receiver } from '../../../../src/client/werift/receive/receiver.ts';
import { packetizeVp8 } from '../../../../src/client/werift/rtp/vp8.ts';
import type { FrameKeys } from '../../../../src/e2ee/frame-keys.ts';
import { createFrameKeys } from '../../../../src/e2ee/keys/store.ts';
import { nodeDriver } from '../../../../src/e2ee/sframe/node.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const SENDER = 7;
const KEY = new Uint8Array(32).fill(1);
const MEDIA = 100;
const RTX = 101;
const TRANSPORT_SEQUENCE_ID = 5;

const parameters = (mimeType = 'video/VP8'): RtpParameters => ({
  codecs: [{ mimeType, payloadType: 96, clockRate: 90_000, rtcpFeedback: [{ type: 'nack', parameter: '' }] }],
  headerExtensions: [
    {
      uri: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
      id: TRANSPORT_SEQUENCE_ID,
    },
  ],
  encodings: [{ ssrc: MEDIA, rtx: { ssrc: RTX } }],
  rtcp: {},
});

const keysOf = (isSender: boolean): FrameKeys => {
  const keys = createFrameKeys({ driver: nodeDriver });
  assert((isSender ? keys.useOwnKey(SENDER, KEY) : keys.addSender(SENDER, KEY)).ok);
  return keys;
};

/** A camera's packets as the relay would forward them. */
class Camera {
  #sequence = 65_530;
  #transportSequence = 0;
  #tick = 0;
  readonly #context;

  constructor() {
    const context = keysOf(true).newSealingContext('camera', 'vp8');
    assert(context.ok);
    this.#context = context.value;
  }

  frame(keyFrame: boolean, bytes = 3_000): RtpPacket[] {
    const frame = Buffer.alloc(bytes, this.#tick);
    frame[0] = keyFrame ? 0 : 1;
    const sealed = this.#context.seal(frame, keyFrame);
    assert(sealed.ok);
    this.#tick++;
    const payloads = packetizeVp8(Buffer.from(sealed.value.wire), this.#tick);
    return payloads.map((payload, at) => this.packet(MEDIA, payload, at === payloads.length - 1));
  }

  packet(ssrc: number, payload: Buffer, marker = false): RtpPacket {
    const sequence = Buffer.alloc(2);
    sequence.writeUInt16BE(this.#transportSequence++);
    const header = new RtpHeader({
      ssrc,
      payloadType: 96,
      marker,
      sequenceNumber: ssrc === MEDIA ? this.#sequence++ & 0xffff : 0,
      timestamp: this.#tick * 3_000,
      extension: true,
      extensions: [{ id: TRANSPORT_SEQUENCE_ID, payload: sequence }],
    });
    return new RtpPacket(header, payload);
  }

  /** The retransmission of `lost` (RFC 4588). */
  again(lost: RtpPacket): RtpPacket {
    const sequence = Buffer.alloc(2);
    sequence.writeUInt16BE(lost.header.sequenceNumber);
    const again = this.packet(RTX, Buffer.concat([sequence, lost.payload]), lost.header.marker);
    again.header.timestamp = lost.header.timestamp;
    return again;
  }
}

const setUp = (number = SENDER) => {
  const clock = new FakeClock();
  const rtcp: Buffer[] = [];
  const frames: ReceivedFrame[] = [];
  const refused: string[] = [];
  const consumer = asId<ConsumerId>('consumer');
  const receiver = new Receiver(clock, 1, (compound) => rtcp.push(compound));
  const incoming = new Incoming({
    stream: { consumer, source: 'camera', sender: { number }, rtpParameters: parameters() },
    frameKeys: keysOf(false),
    clock,
    onRefused: (code) => refused.push(code),
    onListenerError: (error) => {
      throw error;
    },
  });
  incoming.onFrame((frame) => frames.push(frame));
  receiver.add(incoming, parameters().headerExtensions);
  const give = (packets: readonly RtpPacket[]) => {
    for (const packet of packets) receiver.rtp(packet);
  };
  /** Feedback sent since the last call. */
  const feedback = () =>
    rtcp
      .splice(0)
      .flatMap((compound) => RtcpPacketConverter.deSerialize(compound))
      .map((packet) =>
        packet instanceof RtcpTransportLayerFeedback || packet instanceof RtcpPayloadSpecificFeedback
          ? packet.feedback
          : packet,
      );
  const nacked = () => feedback().flatMap((one) => (one instanceof GenericNack ? one.lost : []));
  const keyFramesAsked = () => feedback().filter((one) => one instanceof PictureLossIndication).length;
  return { clock, receiver, incoming, frames, refused, give, feedback, nacked, keyFramesAsked, consumer };
};

describe('receiving', () => {
  it('opens whole frames and tells when they came', () => {
    const { clock, give, frames, incoming } = setUp();
    const camera = new Camera();
    clock.advance(40);
    give(camera.frame(true));
    give(camera.frame(false));
    assert.deepEqual(
      frames.map(({ keyFrame, ctr, rtpTimestamp, receivedMs }) => [keyFrame, ctr, rtpTimestamp, receivedMs]),
      [
        [true, 0n, 3_000, 40],
        [false, 1n, 6_000, 40],
      ],
    );
    assert.deepEqual(frames[1]?.frame.subarray(0, 3), Uint8Array.of(1, 1, 1));
    assert.equal(incoming.counters().packets, 6);
  });

  it('asks for a lost packet within 30 ms, and takes it from the retransmission stream', () => {
    const { clock, give, frames, nacked, incoming } = setUp();
    const camera = new Camera();
    give(camera.frame(true));
    const [first, lost, last] = camera.frame(false);
    assert(first && lost && last);
    give([first, last]);
    clock.advance(30);
    assert.deepEqual(nacked(), [lost.header.sequenceNumber]);
    give([camera.again(lost), camera.again(lost)]);
    assert.equal(frames.length, 2);
    const { recovered, lost: givenUp, nacksSent } = incoming.counters();
    assert.deepEqual([recovered, givenUp, nacksSent], [1, 0, 1]);
  });

  it('gives a packet up in time, goes on with the next frame and asks for a key frame once a delta opens', () => {
    const { clock, give, frames, incoming, feedback, keyFramesAsked } = setUp();
    const camera = new Camera();
    give(camera.frame(true));
    const [first, , last] = camera.frame(false);
    assert(first && last);
    give([first, last, ...camera.frame(false)]);
    assert.equal(frames.length, 1);
    clock.advance(840);
    assert.equal(frames.length, 2);
    assert.deepEqual([incoming.counters().lost, incoming.counters().framesBroken], [1, 1]);
    assert.equal(keyFramesAsked(), 1);
    give(camera.frame(false));
    clock.advance(90);
    assert.equal(keyFramesAsked(), 0, 'not again at once');
    give(camera.frame(false));
    clock.advance(300);
    assert.equal(keyFramesAsked(), 1);
    give(camera.frame(true));
    give(camera.frame(false));
    clock.advance(600);
    assert(!feedback().some((one) => one instanceof PictureLossIndication));
  });

  it('counts and tells what it may not open, and asks nothing while nothing opens', () => {
    const { clock, give, frames, refused, incoming, keyFramesAsked } = setUp(SENDER + 1);
    const camera = new Camera();
    give([...camera.frame(true), ...camera.frame(false)]);
    clock.advance(600);
    assert.deepEqual(refused, ['frame.sender-mismatch', 'frame.sender-mismatch']);
    assert.deepEqual([frames.length, incoming.counters().framesRefused], [0, 2]);
    assert.equal(keyFramesAsked(), 0);
  });

  it('refuses a frame that comes twice under new sequence numbers', () => {
    const { give, frames, refused } = setUp();
    const camera = new Camera();
    const packets = camera.frame(true);
    give(packets);
    give(packets.map(({ payload, header }) => camera.packet(MEDIA, payload, header.marker)));
    assert.equal(frames.length, 1);
    assert.deepEqual(refused, ['frame.replayed']);
  });

  it('survives streams that nobody announced, empty packets and broken retransmissions', () => {
    const { clock, give, frames, feedback } = setUp();
    const camera = new Camera();
    give([camera.packet(1234, Buffer.alloc(100)), camera.packet(RTX, Buffer.alloc(1))]);
    give([camera.packet(MEDIA, Buffer.alloc(0)), ...camera.frame(true)]);
    assert.equal(frames.length, 1);
    clock.advance(60);
    const reports = feedback().filter((one) => one instanceof TransportWideCC);
    assert.deepEqual(
      reports.map(({ packetStatusCount }) => packetStatusCount),
      [6],
    );
  });

  it('reports reception each second and has no timer once nothing is consumed', () => {
    const { clock, give, feedback, receiver, consumer } = setUp();
    give(new Camera().frame(true));
    clock.advance(1_000);
    const reports = feedback().filter((one) => one instanceof RtcpRrPacket);
    assert.deepEqual(
      reports.flatMap((one) => one.reports.map(({ ssrc, packetsLost }) => [ssrc, packetsLost])),
      [[MEDIA, 0]],
    );
    receiver.remove(consumer);
    assert.equal(clock.pendingTimers, 0);
  });

  it('refuses codecs that it cannot put together, and streams without a number', () => {
    const make = (rtpParameters: RtpParameters) => {
      const consumer = asId<ConsumerId>('c');
      const stream = { consumer, source: 'camera', sender: { number: SENDER }, rtpParameters } as const;
      const ignore = () => {};
      const clock = new FakeClock();
      const frameKeys = keysOf(false);
      return new Incoming({ stream, frameKeys, clock, onRefused: ignore, onListenerError: ignore });
    };
    assert.throws(() => make(parameters('video/H264')), { code: 'media.codec-unsupported' });
    assert.throws(() => make({ ...parameters(), codecs: [] }), { code: 'media.codec-unsupported' });
    assert.throws(() => make({ ...parameters(), encodings: [{}] }), { code: 'media.malformed' });
  });
});

describe('what can be received', () => {
  it('is Opus, VP8 and VP9 with retransmission, and no feedback or extension that is not answered', () => {
    const codec = (mimeType: string, preferredPayloadType: number, apt?: number) => ({
      kind: mimeType.startsWith('audio') ? ('audio' as const) : ('video' as const),
      mimeType,
      preferredPayloadType,
      clockRate: 90_000,
      parameters: apt === undefined ? {} : { apt },
      rtcpFeedback: [{ type: 'nack', parameter: 'pli' }, { type: 'goog-remb' }, { type: 'transport-cc' }],
    });
    const extension = (uri: string, direction: 'sendrecv' | 'recvonly') => ({
      kind: 'video' as const,
      uri,
      preferredId: 1,
      direction,
    });
    const router: RtpCapabilities = {
      codecs: [
        codec('audio/opus', 1),
        codec('video/VP8', 2),
        codec('video/rtx', 3, 2),
        codec('video/VP9', 4),
        codec('video/rtx', 5, 4),
        codec('video/H264', 6),
        codec('video/rtx', 7, 6),
      ],
      headerExtensions: [
        extension('urn:ietf:params:rtp-hdrext:sdes:mid', 'sendrecv'),
        extension('http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time', 'sendrecv'),
        extension('http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01', 'recvonly'),
      ],
    };
    const { codecs, headerExtensions } = receivable(router);
    assert.deepEqual(
      codecs.map(({ preferredPayloadType }) => preferredPayloadType),
      [1, 2, 4, 3, 5],
    );
    assert(codecs.every(({ rtcpFeedback }) => rtcpFeedback?.every(({ type }) => type !== 'goog-remb')));
    assert.deepEqual(
      headerExtensions.map(({ uri }) => uri),
      ['urn:ietf:params:rtp-hdrext:sdes:mid'],
    );
  });

  it('leaves out all of the estimate of bandwidth where nobody would answer it', () => {
    const transportWide = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';
    const rtcpFeedback = [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'transport-cc' }];
    const video = {
      kind: 'video',
      mimeType: 'video/VP8',
      preferredPayloadType: 2,
      clockRate: 90_000,
    } as const;
    const mid = { kind: 'video', uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', preferredId: 1 } as const;
    const router: RtpCapabilities = {
      codecs: [{ ...video, rtcpFeedback }],
      headerExtensions: [mid, { kind: 'video', uri: transportWide, preferredId: 5 }],
    };
    const withEstimation = receivable(router);
    assert(withEstimation.codecs[0]?.rtcpFeedback?.some(({ type }) => type === 'transport-cc'));
    const { codecs, headerExtensions } = withoutEstimation(withEstimation);
    assert.deepEqual(codecs[0]?.rtcpFeedback, rtcpFeedback.slice(0, 2));
    assert.deepEqual(headerExtensions, [mid]);
  });
});
