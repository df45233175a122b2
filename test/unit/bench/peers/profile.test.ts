import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharesOf } from '../../../../bench/peers/profile.ts';

const REPORT = `# Samples: 400  of event 'cpu-clock'
#
# Overhead,Shared Object
#
    60.50%,[kernel.kallsyms]
    20.00%,mediasoup-worker
     8.00%,libcrypto.so.3
     6.00%,libc.so.6
     1.00%,libstdc++.so.6.0.30
     3.00%,libuv.so.1.0.0
     1.50%,libabsl_hash.so.20220623
`;

test('a report is told by parts, and nothing of it is left out', () => {
  const shares = sharesOf(REPORT);
  const percent = (part: string) => Math.round(1_000 * (shares.get(part) ?? 0)) / 10;
  assert.equal(percent('in the kernel'), 60.5);
  assert.equal(percent('RTP logic'), 20);
  assert.equal(percent('cipher of SRTP'), 8);
  assert.equal(percent('memory and copies'), 7);
  assert.equal(percent('event loop'), 3);
  assert.equal(percent('rest'), 1.5);
});

test('a report without samples has no shares', () => {
  assert.equal(sharesOf('# nothing\n').size, 0);
});
