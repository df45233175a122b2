import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountedPaths } from '../../../../bench/load/crew/counted-path.ts';
import { mediaOf } from '../../../../bench/load/crew/enter.ts';
import { LightCounter } from '../../../../bench/load/crew/light-counter.ts';
import { secureRandomBytes } from '../../../../src/base/platform.ts';
import type { RtpCapabilities } from '../../../../src/base/rtp.ts';
import { createFrameKeys } from '../../../../src/e2ee/keys/store.ts';
import { nodeDriver } from '../../../../src/e2ee/sframe/node.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { FAKE_RTP_CAPABILITIES } from '../../../support/fake-engine.ts';

const clock = new FakeClock();
const frameKeys = createFrameKeys({ driver: nodeDriver });
const SEND_TIME = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time';
const TRANSPORT_WIDE = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';
const feedback = ['nack', 'transport-cc', 'goog-remb'].map((type) => ({ type }));
/** As relays say it: both ways to estimate, for every codec. */
const ROUTER: RtpCapabilities = {
  codecs: FAKE_RTP_CAPABILITIES.codecs.map((codec) => ({ ...codec, rtcpFeedback: feedback })),
  headerExtensions: [SEND_TIME, TRANSPORT_WIDE].map((uri, i) => ({
    kind: 'video',
    uri,
    preferredId: 4 + i,
    preferredEncrypt: false,
    direction: 'sendrecv',
  })),
};

const offeredBy = async (light: boolean): Promise<string> => {
  const paths = new CountedPaths({ clock, randomBytes: secureRandomBytes }, new LightCounter());
  const media = mediaOf({ clock, frameKeys, tryUdp: light ? paths.tryUdp : undefined });
  const offered = await media.load(ROUTER);
  media.reset();
  assert.equal(offered.codecs.length, ROUTER.codecs.length);
  return JSON.stringify(offered);
};

test('a light participant offers nothing that a relay estimates bandwidth by, and a full one answers its feedback', async () => {
  const [light, full] = [await offeredBy(true), await offeredBy(false)];
  for (const word of ['transport-cc', 'goog-remb', TRANSPORT_WIDE]) assert.ok(!light.includes(word), word);
  for (const word of ['transport-cc', TRANSPORT_WIDE]) assert.ok(full.includes(word), word);
  assert.ok(light.includes('nack'), 'what it does open it may ask for again');
});
