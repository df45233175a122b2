import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ortc } from 'mediasoup';
import {
  offeredCapabilities,
  ROUTER_CODECS,
  receiverCapabilities,
  witnessCapabilities,
} from '../../../../../src/sfu/engine/mediasoup/codecs.ts';

const router = ortc.generateRouterRtpCapabilities(ROUTER_CODECS);
const offered = offeredCapabilities(router);

describe('what a room routes', () => {
  it('is Opus, VP8 and VP9 with their retransmissions, and nothing else', () => {
    const names = offered.codecs.map(({ mimeType }) => mimeType);
    assert.deepEqual(names, ['audio/opus', 'video/VP8', 'video/rtx', 'video/VP9', 'video/rtx']);
  });

  it('is Opus at constant bitrate, without DTX, with FEC, in frames of 20 ms', () => {
    const opus = offered.codecs.find(({ mimeType }) => mimeType === 'audio/opus');
    assert.deepEqual([opus?.clockRate, opus?.channels], [48_000, 2]);
    const { cbr, usedtx, useinbandfec, ptime, minptime, maxptime } = opus?.parameters ?? {};
    assert.deepEqual([cbr, usedtx, useinbandfec, ptime, minptime, maxptime], [1, 0, 1, 20, 20, 20]);
  });

  it('repairs by NACK and estimates by transport-cc, for audio too', () => {
    for (const mimeType of ['audio/opus', 'video/VP8', 'video/VP9']) {
      const feedback = offered.codecs.find((codec) => codec.mimeType === mimeType)?.rtcpFeedback ?? [];
      for (const type of ['nack', 'transport-cc'])
        assert.ok(
          feedback.some((one) => one.type === type && !one.parameter),
          `${mimeType} ${type}`,
        );
    }
  });

  it('offers the extensions that it needs: streams, estimation, levels', () => {
    const short = offered.headerExtensions.map(({ uri }) => uri.replace(/.*[:/]/, ''));
    assert.deepEqual(
      new Set(short),
      new Set([
        'mid',
        'rtp-stream-id',
        'repaired-rtp-stream-id',
        'abs-send-time',
        'draft-holmer-rmcat-transport-wide-cc-extensions-01',
        'ssrc-audio-level',
      ]),
    );
  });
});

describe('what the witness says that it can do', () => {
  it('is every codec without feedback, retransmission or extension', () => {
    const witness = witnessCapabilities(router);
    assert.deepEqual(
      witness.codecs?.map(({ mimeType }) => mimeType),
      ['audio/opus', 'video/VP8', 'video/VP9'],
    );
    assert.ok(witness.codecs?.every(({ rtcpFeedback }) => rtcpFeedback?.length === 0));
    assert.deepEqual(witness.headerExtensions, []);
  });
});

describe('what a receiver may be sent', () => {
  const uris = (kind: 'audio' | 'video') =>
    (receiverCapabilities(kind, router).headerExtensions ?? [])
      .filter((extension) => extension.kind === kind)
      .map(({ uri }) => uri);
  const rewritten = (uri: string) => /abs-send-time|transport-wide-cc/.test(uri);

  it('is audio whose headers are the same when a packet is sent again, and which is told apart and measured', () => {
    assert.deepEqual(uris('audio').filter(rewritten), []);
    assert(uris('audio').includes('urn:ietf:params:rtp-hdrext:sdes:mid'));
    assert(uris('audio').includes('urn:ietf:params:rtp-hdrext:ssrc-audio-level'));
  });

  it('is video as it is, whose estimate lives on them', () => {
    assert.equal(uris('video').filter(rewritten).length, 2);
  });
});
