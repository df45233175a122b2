import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  GenericNack,
  PictureLossIndication,
  RtcpPacketConverter,
  RtcpPayloadSpecificFeedback,
  RtcpRrPacket,
  RtcpSourceDescriptionPacket,
  RtcpSrPacket,
  RtcpTransportLayerFeedback,
  TransportWideCC,
} from 'werift';
import { Reception } from '../../../../src/client/werift/receive/reception.ts';
import { receiverReport, senderReport, toNtp } from '../../../../src/client/werift/rtcp/reports.ts';
import { nack, pictureLoss } from '../../../../src/client/werift/rtcp/requests.ts';
import {
  TransportFeedback,
  transportFeedback,
} from '../../../../src/client/werift/rtcp/transport-feedback.ts';

const feedbackOf = (packet: Buffer): TransportWideCC => {
  const [parsed] = RtcpPacketConverter.deSerialize(packet);
  assert(parsed instanceof RtcpTransportLayerFeedback && parsed.feedback instanceof TransportWideCC);
  return parsed.feedback;
};

describe('sender reports', () => {
  it('tie the RTP clock to NTP, and name the sender', () => {
    const bytes = senderReport({ ssrc: 7, packets: 3, octets: 900 }, 1_700_000_000_250, 90_000, 'a name');
    const [report, description] = RtcpPacketConverter.deSerialize(bytes);
    assert(report instanceof RtcpSrPacket && description instanceof RtcpSourceDescriptionPacket);
    const { senderInfo } = report;
    assert.equal(report.ssrc, 7);
    assert.equal(senderInfo.ntpTimestamp >> 32n, 1_700_000_000n + 2_208_988_800n);
    assert.equal(senderInfo.ntpTimestamp & 0xffff_ffffn, 0x4000_0000n);
    assert.equal(senderInfo.rtpTimestamp, 90_000);
    assert.deepEqual([senderInfo.packetCount, senderInfo.octetCount], [3, 900]);
    assert.deepEqual(description.chunks[0]?.items[0]?.text, 'a name');
  });

  it('end the name with a zero whatever its length, as receivers insist', () => {
    for (let length = 1; length <= 40; length++) {
      const bytes = senderReport({ ssrc: 1, packets: 0, octets: 0 }, 0, 0, 'x'.repeat(length));
      const description = bytes.subarray(28);
      assert.equal(description.readUInt16BE(2), description.length / 4 - 1);
      assert.equal(description[9], length);
      assert.equal(description[10 + length], 0);
    }
  });

  it('count NTP seconds and their fractions', () => {
    assert.equal(toNtp(0), 2_208_988_800n << 32n);
    assert.equal(toNtp(1_500) - toNtp(0), (1n << 32n) + (1n << 31n));
  });
});

describe('requests', () => {
  it('name what was lost', () => {
    const [parsed] = RtcpPacketConverter.deSerialize(nack(1, 2, [10, 11, 26, 500]));
    assert(parsed instanceof RtcpTransportLayerFeedback && parsed.feedback instanceof GenericNack);
    assert.deepEqual(parsed.feedback.lost, [10, 11, 26, 500]);
    assert.equal(parsed.feedback.mediaSourceSsrc, 2);
  });

  it('ask for a key frame', () => {
    const [parsed] = RtcpPacketConverter.deSerialize(pictureLoss(1, 2));
    assert(parsed instanceof RtcpPayloadSpecificFeedback);
    assert(parsed.feedback instanceof PictureLossIndication);
    assert.equal(parsed.feedback.mediaSsrc, 2);
  });
});

describe('receiver reports', () => {
  const blockOf = (reception: Reception, nowMs: number) => {
    const block = reception.take(5, nowMs);
    assert(block);
    const [parsed] = RtcpPacketConverter.deSerialize(receiverReport(1, [block]));
    assert(parsed instanceof RtcpRrPacket);
    return parsed.reports[0];
  };

  it('count loss in all and since the last one, over the wrap of sequence numbers', () => {
    const reception = new Reception(90_000);
    assert.equal(reception.take(5, 0), undefined);
    for (const sequence of [65_534, 65_535, 1, 2]) reception.packet(sequence, 0, 0);
    const first = blockOf(reception, 0);
    assert.equal(first?.packetsLost, 1);
    assert.equal(first?.fractionLost, Math.floor(256 / 5));
    assert.equal(first?.highestSequence, 65_536 + 2);
    for (const sequence of [3, 5]) reception.packet(sequence, 0, 0);
    const second = blockOf(reception, 0);
    assert.deepEqual([second?.packetsLost, second?.fractionLost], [2, Math.floor(256 / 3)]);
  });

  it('echo the last sender report and how long ago it came', () => {
    const reception = new Reception(90_000);
    reception.packet(1, 0, 0);
    const bytes = senderReport({ ssrc: 5, packets: 0, octets: 0 }, 1_000, 0, 'n');
    const [report] = RtcpPacketConverter.deSerialize(bytes);
    assert(report instanceof RtcpSrPacket);
    reception.senderReport(report, 100);
    const block = blockOf(reception, 600);
    assert.equal(block?.lsr, Number((toNtp(1_000) >> 16n) & 0xffff_ffffn));
    assert.equal(block?.dlsr, 32_768);
  });

  it('measure jitter in the clock of the stream', () => {
    const reception = new Reception(90_000);
    for (let at = 0; at < 200; at++) reception.packet(at, at * 3_000, at * (1000 / 30) + (at % 2) * 10);
    const jitter = blockOf(reception, 0)?.jitter ?? 0;
    assert(jitter > 800 && jitter <= 900, `${jitter}`);
  });
});

describe('transport-wide feedback', () => {
  it('says of every packet whether it came and when, to a quarter of a millisecond', () => {
    const times = fc.array(fc.option(fc.integer({ min: 0, max: 32_000 }), { nil: undefined }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(times, fc.nat(0xffff), (quarters, base) => {
        const arrivals = quarters.map((quarter) =>
          quarter === undefined ? undefined : 64_000 + quarter / 4,
        );
        if (arrivals.every((at) => at === undefined)) return;
        const parsed = feedbackOf(transportFeedback(9, base, arrivals, 3));
        assert.equal(parsed.baseSequenceNumber, base);
        assert.equal(parsed.packetStatusCount, arrivals.length);
        assert.equal(parsed.fbPktCount, 3);
        let reachedUs = parsed.referenceTime * 64_000;
        const told = parsed.recvDeltas.map(({ delta }) => (reachedUs += delta));
        const came = arrivals.flatMap((at) => (at === undefined ? [] : at * 1_000));
        assert.deepEqual(told, came);
      }),
    );
  });

  it('reports each packet once, and what is missing between reports', () => {
    const feedback = new TransportFeedback(9);
    assert.equal(feedback.take(), undefined);
    for (const [sequence, atMs] of [
      [65_534, 1_000],
      [0, 1_001],
      [1, 1_002],
    ] as const)
      feedback.arrived(sequence, atMs);
    const first = feedbackOf(feedback.take() ?? Buffer.alloc(0));
    assert.deepEqual(
      [first.baseSequenceNumber, first.packetStatusCount, first.recvDeltas.length],
      [65_534, 4, 3],
    );
    assert.equal(feedback.take(), undefined);
    feedback.arrived(1, 1_050);
    feedback.arrived(3, 1_060);
    const second = feedbackOf(feedback.take() ?? Buffer.alloc(0));
    assert.deepEqual([second.baseSequenceNumber, second.packetStatusCount, second.fbPktCount], [2, 2, 1]);
    assert.equal(second.recvDeltas.length, 1);
  });

  it('starts anew behind a jump instead of listing a thousand losses', () => {
    const feedback = new TransportFeedback(9);
    feedback.arrived(10, 0);
    feedback.arrived(5_000, 1);
    const report = feedbackOf(feedback.take() ?? Buffer.alloc(0));
    assert.deepEqual([report.baseSequenceNumber, report.packetStatusCount], [5_000, 1]);
  });
});
