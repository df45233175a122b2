import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AUDIO_PROFILES, cameraLayerFor, VIDEO_PROFILES } from '../../../src/client/profiles.ts';

describe('media profiles', () => {
  it('ask for the lowest layer that looks sharp', () => {
    const heights = [90, 180, 225, 226, 360, 450, 451, 720, 2160];
    assert.deepEqual(heights.map(cameraLayerFor), [0, 0, 0, 1, 1, 1, 2, 2, 2]);
  });

  it('give each layer more bits than the one below, and screens one size', () => {
    const { camera, screen } = VIDEO_PROFILES;
    const rates = camera.encodings.vp8.map(({ maxBitrate }) => maxBitrate);
    assert.deepEqual(
      rates,
      rates.toSorted((a, b) => a - b),
    );
    assert.equal(screen.contentHint, 'detail');
    assert.equal(screen.degradationPreference, 'maintain-resolution');
    for (const encodings of Object.values(screen.encodings)) {
      assert.deepEqual(
        encodings.map(({ scalabilityMode }) => scalabilityMode),
        ['L1T1'],
      );
      assert.equal(encodings.length, 1);
      assert.ok(encodings.every((encoding) => !('scaleResolutionDownBy' in encoding)));
    }
  });

  it('never let silence show', () => {
    for (const { opus } of Object.values(AUDIO_PROFILES)) assert.equal(opus.opusDtx, false);
  });
});
