import assert from 'node:assert/strict';
import { it } from 'node:test';
import { socketBufferLimits } from '../../../../../src/sfu/engine/mediasoup/buffers.ts';

it('buffer limits are what the kernel allows beside what is wanted', () => {
  const kernel: Record<string, string> = {
    '/proc/sys/net/core/rmem_max': '212992\n',
    '/proc/sys/net/core/wmem_max': '8388608\n',
  };
  const limits = socketBufferLimits((path) => kernel[path] ?? '');
  assert.deepEqual(limits, [
    { name: 'net.core.rmem_max', wantedBytes: 4_194_304, allowedBytes: 212_992 },
    { name: 'net.core.wmem_max', wantedBytes: 4_194_304, allowedBytes: 8_388_608 },
  ]);
});

it('a kernel that does not tell is taken to allow what is wanted', () => {
  const silent = socketBufferLimits(() => {
    throw new Error('no such file');
  });
  for (const { wantedBytes, allowedBytes } of silent) assert.equal(allowedBytes, wantedBytes);
});
