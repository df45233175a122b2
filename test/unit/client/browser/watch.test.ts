import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readOutbound } from '../../../../src/client/browser/stats.ts';
import { type SealingReading, SealingWatch } from '../../../../src/client/browser/watch.ts';

const judge = (
  readings: readonly (readonly [frames: number, packets: number, sealed: number, seen?: number])[],
) => {
  const watch = new SealingWatch();
  return readings.map(([framesLeft, packetsLeft, sealed, seen = sealed]) => {
    const reading: SealingReading = { framesLeft, packetsLeft, sealed, seen };
    return watch.isBypassed(reading);
  });
};
const never = (answers: readonly boolean[]) => assert.ok(!answers.includes(true), String(answers));

describe('what left is compared with what was sealed', () => {
  test('all sealed is fine, also where the browser counts late or the worker dropped some', () => {
    never(
      judge([
        [0, 0, 0],
        [30, 90, 31],
        [60, 180, 61],
        [90, 270, 90],
      ]),
    );
    never(
      judge([
        [30, 60, 20, 30],
        [60, 120, 40, 60],
        [90, 180, 60, 90],
      ]),
    );
  });

  test('frames in clear from the start are found at the first look', () => {
    assert.deepEqual(judge([[3, 9, 0]]), [true]);
  });

  test('probes for bandwidth before the first frame are no frames', () => {
    never(
      judge([
        [0, 2, 0],
        [0, 4, 0],
        [20, 60, 21],
      ]),
    );
  });

  test('a worker that drops everything lets nothing leave: no bypass', () => {
    never(
      judge([
        [30, 0, 0, 30],
        [60, 0, 0, 60],
        [90, 0, 0, 90],
      ]),
    );
  });

  test('packets that go on while nothing is sealed are found, a slow pacer is not', () => {
    assert.deepEqual(
      judge([
        [30, 90, 30],
        [40, 150, 30, 40],
        [50, 200, 30, 50],
        [60, 250, 30, 60],
      ]),
      [false, false, false, true],
    );
    never(
      judge([
        [30, 90, 30],
        [30, 120, 30],
        [30, 130, 30],
        [30, 130, 30],
        [30, 130, 30],
      ]),
    );
  });

  test('frames that pass by the worker are found, some that are under way are not', () => {
    assert.deepEqual(
      judge([
        [30, 90, 10],
        [60, 180, 20],
      ]),
      [false, true],
    );
    never(
      judge([
        [30, 90, 21],
        [60, 180, 52],
        [90, 270, 85],
      ]),
    );
  });
});

test('outbound statistics: all layers together, without what was resent', () => {
  const reports = [
    { type: 'outbound-rtp', packetsSent: 100, retransmittedPacketsSent: 4, framesSent: 30 },
    { type: 'outbound-rtp', packetsSent: 50, framesSent: 20 },
    { type: 'remote-inbound-rtp', packetsSent: 1000 },
    { type: 'outbound-rtp' },
  ];
  assert.deepEqual(readOutbound(reports, 'video'), { packetsLeft: 146, framesLeft: 50 });
  assert.deepEqual(readOutbound(reports, 'audio'), { packetsLeft: 146, framesLeft: 146 });
});
