import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseWorkerVersion } from '../../../../../src/sfu/engine/mediasoup/binary.ts';

it('a worker’s version is read from the line that only our builds print', () => {
  assert.equal(parseWorkerVersion('mediasoup-worker 3.27.1 inputs 2d4321bcb75c srtp openssl'), '3.27.1');
  for (const other of ['', 'mediasoup-worker 3.27.1', 'you don’t seem to be my real father!', 'a\nb'])
    assert.equal(parseWorkerVersion(other), undefined);
});
