import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  GenericNack,
  PictureLossIndication,
  RtcpPacketConverter,
  RtcpPayloadSpecificFeedback,
  RtcpSrPacket,
  RtcpTransportLayerFeedback,
  type RtpPacket,
} from 'werift';
import type { Source } from '../../../../src/base/media.ts';
import { ok, refuse } from '../../../../src/base/result.ts';
import type { RtpCapabilities } from '../../../../src/base/rtp.ts';
import type { EncodedClip } from '../../../../src/client/clips/clip.ts';
import type { DueFrame, EncodedInput, SentFrame } from '../../../../src/client/werift/media.ts';
import { prepareOutgoing } from '../../../../src/client/werift/send/create-outgoing.ts';
import { HeaderWriter } from '../../../../src/client/werift/send/header.ts';
import { Schedule } from '../../../../src/client/werift/send/schedule.ts';
import { Sender } from '../../../../src/client/werift/send/sender.ts';
import type { FrameKeys } from '../../../../src/e2ee/frame-keys.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { SentPackets } from '../../../support/sent-packets.ts';

const uris = {
  mid: 'urn:ietf:params:rtp-hdrext:sdes:mid',
  absSendTime: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  transport: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  level: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
};
const router: RtpCapabilities = {
  codecs: [
    { kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: 100, clockRate: 48_000, channels: 2 },
    { kind: 'video', mimeType: 'video/VP8', preferredPayloadType: 101, clockRate: 90_000 },
    {
      kind: 'video',
      mimeType: 'video/rtx',
      preferredPayloadType: 102,
      clockRate: 90_000,
      parameters: { apt: 101 },
    },
  ],
  headerExtensions: [
    { kind: 'video', uri: uris.mid, preferredId: 1 },
    { kind: 'video', uri: uris.transport, preferredId: 5 },
    { kind: 'audio', uri: uris.absSendTime, preferredId: 4 },
    { kind: 'audio', uri: uris.level, preferredId: 10 },
  ],
};

/** Ten frames, key frames at 0 and 6; the first byte tells VP8 so, the second is the place in the clip. */
const video = (layer: number): EncodedClip => ({
  codec: 'vp8',
  clockRate: 90_000,
  frameTicks: 3_000,
  frames: Array.from({ length: 10 }, (_, at) => {
    const keyFrame = at === 0 || at === 6;
    return { keyFrame, bytes: Buffer.from([keyFrame ? 0 : 1, at, layer, ...new Array(20).fill(0)]) };
  }),
});
const audio: EncodedClip = {
  codec: 'opus',
  clockRate: 48_000,
  frameTicks: 960,
  frames: [40, 100].map((level) => ({ bytes: Buffer.from([level]), keyFrame: true, level })),
};

/** Seals by putting `S` and the context's number before the frame; refuses from frame `until` on. */
const fakeKeys = (until = Number.POSITIVE_INFINITY): FrameKeys => {
  let contexts = 0;
  return {
    useOwnKey: () => ok(undefined),
    addSender: () => ok(undefined),
    removeSender: () => {},
    openUnder: () => {},
    sealUnder: () => {},
    stopSealing: () => {},
    forget: () => {},
    open: () => refuse('frame.malformed', 'a fake'),
    newSealingContext: () => {
      const kid = BigInt(contexts++);
      let ctr = 0n;
      return ok({
        seal: (frame: Uint8Array) => {
          if (ctr >= until) return refuse('frame.exhausted', 'a fake');
          const wire = Buffer.concat([Buffer.from(`S${kid}`), frame]);
          return ok({ wire, kid, ctr: ctr++ });
        },
      });
    },
  };
};

const setUp = (
  source: Source,
  layers: readonly EncodedClip[],
  frameKeys = fakeKeys(),
  marked?: EncodedInput['marked'],
) => {
  const clock = new FakeClock();
  const sink = new SentPackets();
  const sent: SentFrame[] = [];
  const refused: string[] = [];
  const rtcp: Buffer[] = [];
  const input: EncodedInput = { layers, onSent: (frame) => sent.push(frame), marked };
  let random = 0;
  const side = {
    router,
    frameKeys,
    randomBytes: (size: number) => new Uint8Array(size).fill(++random),
    headers: new HeaderWriter(() => clock.nowMs()),
    sink,
    cname: 'name',
    msid: 'stream',
    ssrcsInUse: new Set<number>(),
  };
  const prepared = prepareOutgoing(side, source, input, '3');
  const sender = new Sender(clock);
  const begin = () =>
    prepared.start({
      startMs: clock.nowMs(),
      unixMsAt: (nowMs) => 1_700_000_000_000 + nowMs,
      sendRtcp: (compound) => rtcp.push(compound),
      onSealingRefused: ({ code }) => {
        refused.push(code);
        sender.remove(source);
      },
    });
  const start = () => sender.add(source, begin());
  const { rtpParameters } = prepared;
  const ssrcOf = (layer: number) => rtpParameters.encodings[layer]?.ssrc ?? 0;
  return { clock, sink, sent, refused, rtcp, sender, begin, start, rtpParameters, ssrcOf };
};

const pli = (mediaSsrc: number) =>
  new RtcpPayloadSpecificFeedback({ feedback: new PictureLossIndication({ senderSsrc: 1, mediaSsrc }) });
const nack = (mediaSourceSsrc: number, ...lost: number[]) =>
  new RtcpTransportLayerFeedback({ feedback: new GenericNack({ senderSsrc: 1, mediaSourceSsrc, lost }) });
const extensionOf = (packet: RtpPacket | undefined, id: number) =>
  packet?.header.extensions.find((extension) => extension.id === id)?.payload;

/** Between two epochs for as long as `epoch.number` is `undefined`; each has a key id of its own. */
const epochKeys = (epoch: { number: number | undefined }): FrameKeys => ({
  ...fakeKeys(),
  newSealingContext: () =>
    ok({
      seal: (frame: Uint8Array) =>
        epoch.number === undefined
          ? refuse('frame.between-epochs', 'a fake')
          : ok({ wire: Buffer.concat([Buffer.from('S0'), frame]), kid: BigInt(epoch.number), ctr: 0n }),
    }),
});

describe('what a source announces', () => {
  it('is one encoding a layer with its retransmission, in the numbers of the relay', () => {
    const { rtpParameters } = setUp('camera', [video(0), video(1), video(2)]);
    const { codecs, encodings, headerExtensions, rtcp, msid, mid } = rtpParameters;
    assert.deepEqual(
      codecs.map(({ mimeType, payloadType }) => [mimeType, payloadType]),
      [
        ['video/VP8', 101],
        ['video/rtx', 102],
      ],
    );
    assert.equal(new Set(encodings.flatMap(({ ssrc, rtx }) => [ssrc, rtx?.ssrc])).size, 6);
    assert.deepEqual(
      headerExtensions.map(({ id }) => id),
      [1, 5],
    );
    assert.deepEqual([rtcp.cname, msid, mid], ['name', 'stream', '3']);
  });

  it('is refused where the relay does not route the codec, or the input has no layers', () => {
    assert.throws(() => setUp('camera', [{ ...video(0), codec: 'vp9' }]), {
      code: 'media.codec-unsupported',
    });
    assert.throws(() => setUp('camera', []), { code: 'media.malformed' });
    assert.throws(() => setUp('camera', new Array(5).fill(video(0))), { code: 'media.malformed' });
  });

  it('sends nothing before it is started', () => {
    const { clock, sink } = setUp('camera', [video(0)]);
    clock.advance(1_000);
    assert.equal(sink.datagrams.length, 0);
    assert.equal(clock.pendingTimers, 0);
  });
});

describe('sending', () => {
  it('drops frames between two epochs, and goes on with a key frame right after the first', () => {
    const epoch: { number: number | undefined } = { number: 1 };
    const { clock, sent, refused, start } = setUp('camera', [video(0)], epochKeys(epoch));
    start();
    clock.advance(100);
    epoch.number = undefined;
    const before = sent.length;
    clock.advance(200);
    assert.equal(sent.length, before);
    epoch.number = 2;
    clock.advance(100);
    assert.deepEqual([sent[before]?.kid, sent[before + 1]?.keyFrame], [2n, true]);
    assert.deepEqual(refused, []);
  });

  it('sends one frame a layer and frame time, sealed, all at one media time', () => {
    const { clock, sink, sent, start, ssrcOf } = setUp('camera', [video(0), video(1)]);
    start();
    clock.advance(999);
    const packets = sink.take();
    assert.equal(sent.length, 60);
    assert.deepEqual(
      sent.slice(2, 4).map(({ layer, tick, kid, ctr }) => [layer, tick, kid, ctr]),
      [
        [0, 1, 0n, 1n],
        [1, 1, 1n, 1n],
      ],
    );
    for (const layer of [0, 1]) {
      const own = packets.filter(({ header }) => header.ssrc === ssrcOf(layer));
      assert.equal(own.length, 30);
      assert(own.every(({ payload }) => payload.subarray(4, 6).toString() === `S${layer}`));
      const [first] = own;
      own.forEach(({ header }, at) => {
        assert.equal(header.timestamp, ((first?.header.timestamp ?? 0) + at * 3_000) >>> 0);
        assert.equal(header.sequenceNumber, ((first?.header.sequenceNumber ?? 0) + at) & 0xffff);
        assert(header.marker);
      });
    }
    assert.deepEqual(
      packets.map((packet) => extensionOf(packet, 5)?.readUInt16BE(0)),
      packets.map((_, at) => at),
    );
    assert.equal(extensionOf(packets[0], 1)?.toString(), '3');
  });

  it('reports all layers on one clock at the first frame and each second', () => {
    const { clock, sink, rtcp, start, ssrcOf } = setUp('camera', [video(0), video(1)]);
    clock.advance(5);
    start();
    clock.advance(2_100);
    assert.equal(rtcp.length, 3);
    const packets = sink.take();
    for (const compound of rtcp) {
      const reports = RtcpPacketConverter.deSerialize(compound).filter((one) => one instanceof RtcpSrPacket);
      const offsets = reports.map(({ ssrc, senderInfo }) => {
        const first = packets.find(({ header }) => header.ssrc === ssrc)?.header.timestamp ?? 0;
        return (senderInfo.rtpTimestamp - first) >>> 0;
      });
      assert.deepEqual(
        reports.map(({ ssrc }) => ssrc),
        [ssrcOf(0), ssrcOf(1)],
      );
      assert.equal(new Set(offsets).size, 1);
      assert.equal(new Set(reports.map(({ senderInfo }) => senderInfo.ntpTimestamp)).size, 1);
    }
  });

  it('marks sound with its level and the start of the talk spurt', () => {
    const { clock, sink, start } = setUp('microphone', [audio]);
    start();
    clock.advance(50);
    const packets = sink.take();
    assert.deepEqual(
      packets.map((packet) => extensionOf(packet, 10)?.[0]),
      [0x80 | 40, 100, 0x80 | 40],
    );
    assert.deepEqual(
      packets.map(({ header }) => header.marker),
      [true, false, false],
    );
    assert.equal((packets[1]?.header.timestamp ?? 0) - (packets[0]?.header.timestamp ?? 0), 960);
    assert.equal(extensionOf(packets[2], 4)?.readUIntBE(0, 3), Math.round((40 * 2 ** 18) / 1000));
  });

  it('answers a request by a key frame as the very next frame, on every layer', () => {
    const { clock, sent, sender, start, ssrcOf } = setUp('camera', [video(0), video(1)]);
    start();
    clock.advance(80);
    sender.rtcp(pli(ssrcOf(1)));
    clock.advance(100);
    const places = sent.map(({ frame }) => frame[1]);
    assert.deepEqual(places, [0, 0, 1, 1, 2, 2, 6, 6, 7, 7, 8, 8]);
    sender.rtcp(pli(ssrcOf(0)));
    clock.advance(33);
    assert.deepEqual(sent.at(-1)?.frame[1], 0);
    sender.rtcp(pli(99));
    clock.advance(33);
    assert.deepEqual(sent.at(-1)?.frame[1], 1);
  });

  it('loops, restarting at the key frame', () => {
    const { clock, sent, start } = setUp('camera', [video(0)]);
    start();
    clock.advance(340);
    assert.deepEqual(
      sent.slice(-2).map(({ frame, keyFrame, tick }) => [frame[1], keyFrame, tick]),
      [
        [9, false, 9],
        [0, true, 10],
      ],
    );
  });

  it('pauses at once and resumes with a key frame at the media time of then', () => {
    const { clock, sink, sent, sender, start, rtcp } = setUp('camera', [video(0)]);
    start();
    clock.advance(50);
    sender.setPaused('camera', true);
    clock.advance(1_000);
    assert.equal(sink.take().length, 2);
    assert.equal(clock.pendingTimers, 0);
    sender.setPaused('camera', false);
    clock.advance(34);
    assert.deepEqual([sent.at(-1)?.keyFrame, sent.at(-1)?.tick], [true, 32]);
    assert.equal(rtcp.length, 2);
  });

  it('seals and sends nothing of layers at rest, and brings them back with a key frame', () => {
    const { clock, sent, sender, start } = setUp('camera', [video(0), video(1), video(2)]);
    start();
    clock.advance(40);
    sender.setTopLayer('camera', 0);
    clock.advance(66);
    assert.deepEqual(
      sent.slice(6).map(({ layer, keyFrame }) => [layer, keyFrame]),
      [
        [0, false],
        [0, false],
      ],
    );
    sender.setTopLayer('camera', 1);
    clock.advance(33);
    assert.deepEqual(
      sent.slice(8).map(({ layer, keyFrame }) => [layer, keyFrame]),
      [
        [0, true],
        [1, true],
      ],
    );
  });

  it('stops a source that cannot be sealed, with nothing of that frame sent', () => {
    const { clock, sink, refused, sent, start } = setUp('camera', [video(0), video(1)], fakeKeys(2));
    start();
    clock.advance(1_000);
    assert.deepEqual(refused, ['frame.exhausted']);
    assert.equal(sent.length, 4);
    assert.equal(sink.take().length, 4);
    assert.equal(clock.pendingTimers, 0);
  });
});

describe('retransmission', () => {
  it('wraps the lost packet in one of the retransmission stream (RFC 4588), a bounded number of times', () => {
    const { clock, sink, sender, start, ssrcOf, rtpParameters } = setUp('camera', [video(0)]);
    start();
    clock.advance(50);
    const [first] = sink.take();
    assert(first);
    const lost = first.header.sequenceNumber;
    sender.rtcp(nack(ssrcOf(0), lost));
    const [again] = sink.take();
    assert.equal(again?.header.ssrc, rtpParameters.encodings[0]?.rtx?.ssrc);
    assert.equal(again?.header.payloadType, 102);
    assert.equal(again?.header.timestamp, first.header.timestamp);
    assert.equal(again?.payload.readUInt16BE(0), lost);
    assert.deepEqual(again?.payload.subarray(2), first.payload);
    for (let i = 0; i < 20; i++) sender.rtcp(nack(ssrcOf(0), lost));
    const more = sink.take();
    assert.equal(more.length, 7);
    assert.equal(new Set(more.map(({ header }) => header.sequenceNumber)).size, 7);
  });

  it('resends the very same bytes where there is no retransmission stream', () => {
    const { clock, sink, sender, start, ssrcOf } = setUp('microphone', [audio]);
    start();
    clock.advance(30);
    const [, second] = sink.datagrams.splice(0);
    assert(second);
    sender.rtcp(nack(ssrcOf(0), second.readUInt16BE(2)));
    assert.deepEqual(sink.datagrams, [second]);
  });

  it('has forgotten what is long gone, and never knew other streams', () => {
    const { clock, sink, sender, start, ssrcOf } = setUp('microphone', [audio]);
    start();
    clock.advance(0);
    const [first] = sink.take();
    clock.advance(256 * 20);
    sink.take();
    sender.rtcp(nack(ssrcOf(0), first?.header.sequenceNumber ?? 0));
    sender.rtcp(nack(99, 1));
    assert.deepEqual(sink.take(), []);
  });
});

describe('the schedule', () => {
  it('never drifts: frame n is due at n frame times', () => {
    const schedule = new Schedule(1_000, 1_000 / 30);
    for (let frame = 0; frame < 10_000; frame++) {
      const { dueMs } = schedule;
      assert.deepEqual(schedule.take(dueMs), [frame]);
    }
    assert.equal(Math.round(schedule.dueMs), 1_000 + Math.round((10_000 * 1_000) / 30));
  });

  it('catches up a little after a stall, and leaves the rest out', () => {
    const schedule = new Schedule(0, 20);
    assert.deepEqual(schedule.take(0), [0]);
    assert.deepEqual(schedule.take(50), [1, 2]);
    assert.deepEqual(schedule.take(10_000), [496, 497, 498, 499, 500]);
    assert.deepEqual(schedule.take(10_000), []);
  });
});

describe('frames that are marked for measurement', () => {
  const setUpMarked = () => {
    const due: DueFrame[] = [];
    const marked = (frame: Uint8Array, one: DueFrame) => {
      due.push(one);
      return Buffer.concat([frame, Buffer.from('mark')]);
    };
    return { due, ...setUp('camera', [video(0), video(1)], fakeKeys(), marked) };
  };

  it('are sealed and told as they were marked', () => {
    const { clock, sent, sink, start } = setUpMarked();
    start();
    clock.advance(0);
    assert.deepEqual(
      sent.map(({ frame }) => Buffer.from(frame).subarray(-4).toString()),
      ['mark', 'mark'],
    );
    for (const packet of sink.take()) assert.equal(packet.payload.subarray(-4).toString(), 'mark');
  });

  it('are told when they were to leave, also where they leave late', () => {
    const { due, begin } = setUpMarked();
    begin().run(70);
    assert.deepEqual(
      due.filter(({ layer }) => layer === 0).map(({ tick, dueMs }) => [tick, Math.round(dueMs)]),
      [
        [0, 0],
        [1, 33],
        [2, 67],
      ],
    );
  });
});
