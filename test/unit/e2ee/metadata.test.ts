import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SOURCES } from '../../../src/base/media.ts';
import { FrameMetadata } from '../../../src/e2ee/keys/metadata.ts';

const frame = Uint8Array.of(10, 11, 12, 13);

test('metadata is the tag of the source, then the clear bytes and nothing of frames before', () => {
  const metadata = new FrameMetadata();
  assert.deepEqual(metadata.of('camera', frame, 3), Uint8Array.of(1, 10, 11, 12));
  assert.deepEqual(metadata.of('camera', frame, 1), Uint8Array.of(1, 10));
  assert.deepEqual(metadata.of('microphone', frame, 0), Uint8Array.of(0));
});

test('the tags are those of the wire format', () => {
  const tags = SOURCES.map((source) => [source, new FrameMetadata().of(source, frame, 0)[0]]);
  assert.deepEqual(tags, [
    ['microphone', 0],
    ['camera', 1],
    ['screen', 2],
    ['screen-audio', 3],
  ]);
});
